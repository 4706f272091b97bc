import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { Context } from '../../graphql/context';
import type { UserService } from '../users';
import { loadUser, User } from '../users';
import { CreateApiKeyInput, RevokeApiKeyInput } from './api-key.input';
import type { ApiKeyService } from './api-key.service';
import { ApiKey, ApiKeyPayload, CreateApiKeyPayload, toApiKeyPayload, toCreateApiKeyPayload } from './api-key.type';

@Resolver(() => ApiKey)
export class ApiKeyResolver {
  constructor(
    private readonly apiKeys: ApiKeyService,
    private readonly users: UserService,
  ) {}

  @FieldResolver(() => User, { description: 'Who made it, and as whom it acts.' })
  async maker(@Root() { makerId }: ApiKey, @Ctx() { loaders }: Context): Promise<User | null> {
    return loadUser(this.users, loaders, makerId);
  }

  @Mutation(() => CreateApiKeyPayload, {
    description: 'Makes an API key for an organization. For its ADMINs. FAILED_PRECONDITION TOO_MANY_API_KEYS at 100.',
  })
  async createApiKey(
    @Arg('input', () => CreateApiKeyInput, { description: 'The new key.' }) input: CreateApiKeyInput,
    @Ctx() context: Context,
  ): Promise<CreateApiKeyPayload> {
    return toCreateApiKeyPayload(await this.apiKeys.create(context, input));
  }

  @Mutation(() => ApiKeyPayload, {
    description: 'Ends an API key, and what it has open, within a second. For the ADMINs of its organization.',
  })
  async revokeApiKey(
    @Arg('input', () => RevokeApiKeyInput, { description: 'Which one.' }) { apiKeyId }: RevokeApiKeyInput,
    @Ctx() context: Context,
  ): Promise<ApiKeyPayload> {
    return toApiKeyPayload(await this.apiKeys.revoke(context, apiKeyId));
  }
}
