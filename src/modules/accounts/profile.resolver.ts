import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context';
import { CompleteProfileInput, UpdateProfileInput } from './profile.input';
import type { ProfileService } from './profile.service';
import { toViewer, Viewer } from './viewer.type';

@Resolver()
export class ProfileResolver {
  constructor(private readonly profiles: ProfileService) {}

  @Mutation(() => Viewer, {
    description: 'Adds what a provider did not tell. FAILED_PRECONDITION PROFILE_COMPLETE when nothing was missing.',
  })
  async completeProfile(
    @Arg('input', () => CompleteProfileInput, { description: 'What was missing.' }) input: CompleteProfileInput,
    @Ctx() context: Context,
  ): Promise<Viewer> {
    return toViewer(await this.profiles.complete(input, context));
  }

  @Mutation(() => Viewer, { description: "Changes the caller's profile." })
  async updateProfile(
    @Arg('input', () => UpdateProfileInput, { description: 'The changes.' }) input: UpdateProfileInput,
    @Ctx() context: Context,
  ): Promise<Viewer> {
    return toViewer(await this.profiles.update(input, context));
  }
}
