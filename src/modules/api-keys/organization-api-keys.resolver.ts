import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { keysetOf, pageCost, pageRequest, toConnection } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import { Organization } from '../organizations';
import { apiKeyIds } from './api-key.secret';
import type { ApiKeyService } from './api-key.service';
import { ApiKeyConnection, toApiKey } from './api-key.type';

const LIST = 'api-keys';

@Resolver(() => Organization)
export class OrganizationApiKeysResolver {
  constructor(private readonly service: ApiKeyService) {}

  @FieldResolver(() => ApiKeyConnection, {
    complexity: pageCost,
    description: 'Its API keys, newest first, the revoked too. For its ADMINs.',
  })
  async apiKeys(
    @Root() { id }: Organization,
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' }) first: number | null | undefined,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after.' }) after: string | null | undefined,
    @Ctx() { viewer }: Context,
  ): Promise<ApiKeyConnection> {
    const request = pageRequest({ first, after }, LIST, 2);
    const rows = await this.service.list(viewer, id, keysetOf(request, apiKeyIds), request.size + 1);
    return toConnection(request, LIST, rows, ({ createdAt, id: keyId }) => [createdAt.getTime(), keyId], toApiKey);
  }
}
