import { Arg, Ctx, Field, ID, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context';
import { DateTime } from '../../graphql/scalars';
import type { MediaService } from './media.service';

@ObjectType({ description: 'The way into a room of the media server.' })
export class MediaTokenPayload {
  @Field({ description: 'Where the LiveKit server is.' })
  url!: string;

  @Field({ description: "The room's name: the session's id." })
  room!: string;

  @Field({ description: "A LiveKit access token; its identity is the attendee's id." })
  token!: string;

  @Field(() => DateTime, { description: 'Until when it lets in. Whoever is in stays in.' })
  expiresAt!: Date;
}

@Resolver()
export class MediaResolver {
  constructor(private readonly media: MediaService) {}

  @Mutation(() => MediaTokenPayload, {
    description:
      "A token for the session's room on the media server, with the rights of the caller's role: everybody receives; hosts, presenters and the parties of a call send camera, microphone and screen, moderators camera and microphone. FAILED_PRECONDITION MEDIA_SERVER_ABSENT without one.",
  })
  async mediaToken(
    @Arg('sessionId', () => ID, { description: 'The session, LIVE or PAUSED.' }) sessionId: string,
    @Ctx() { viewer }: Context,
  ): Promise<MediaTokenPayload> {
    return Object.assign(new MediaTokenPayload(), await this.media.mintToken(viewer, sessionId));
  }
}
