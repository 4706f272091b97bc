import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { badInput } from '../../errors/domain-error';
import type { Context } from '../../graphql/context';
import { JsonScalar } from '../../graphql/scalars';
import { UpdateSessionMetadataInput, UpdateSessionNotesInput } from './session.input';
import type { SessionService } from './session.service';
import type { MetadataRecord } from './session-papers.repository';
import type { SessionPapersService } from './session-papers.service';
import type { SessionProgressService } from './session-progress.service';
import {
  readerOf,
  readingAs,
  Session,
  SessionNotes,
  SessionPayload,
  SessionProgress,
  toNotes,
  toProgress,
  toSessionPayload,
} from './session.type';

/** What is kept with a session, and read by who asks for it. */
@Resolver(() => Session)
export class SessionPapersResolver {
  constructor(
    private readonly sessions: SessionService,
    private readonly papers: SessionPapersService,
    private readonly progress: SessionProgressService,
  ) {}

  @Query(() => SessionProgress, {
    nullable: true,
    description: 'Where a session stands that the caller may read; null otherwise. Costs little enough to be asked for every few seconds.',
  })
  async sessionStatus(
    @Arg('sessionId', () => ID, { description: 'The session.' }) sessionId: string,
    @Ctx() context: Context,
  ): Promise<SessionProgress | null> {
    const progress = await this.progress.find(context, sessionId);
    return progress && toProgress(progress);
  }

  @FieldResolver(() => JsonScalar, {
    nullable: true,
    description: 'What an application keeps with it; null for who may not read the session.',
  })
  async metadata(@Root() session: Session, @Ctx() context: Context): Promise<unknown> {
    return (await this.metadataOf(session, context))?.metadata ?? null;
  }

  @FieldResolver(() => Int, { nullable: true, description: 'The version of `metadata`; 0 before the first change.' })
  async metadataVersion(@Root() session: Session, @Ctx() context: Context): Promise<number | null> {
    return (await this.metadataOf(session, context))?.version ?? null;
  }

  @FieldResolver(() => SessionNotes, {
    nullable: true,
    description: 'Written down for the host of a conference, or the advisor of a call; null for everybody else.',
  })
  async notes(@Root() session: Session, @Ctx() context: Context): Promise<SessionNotes | null> {
    const notes = await this.papers.findNotes(readerOf(session, context), session.record);
    return notes && toNotes(notes);
  }

  @Mutation(() => SessionPayload, {
    description: 'Changes what an application keeps with a session. For its host, and admins of its organization.',
  })
  async updateSessionMetadata(
    @Arg('input', () => UpdateSessionMetadataInput, { description: 'The change.' }) input: UpdateSessionMetadataInput,
    @Ctx() context: Context,
  ): Promise<SessionPayload> {
    const { sessionId, patch, metadata: replacement, version } = input;
    if ((patch === undefined) === (replacement === undefined)) throw badInput('patch', 'or metadata is required, and not both');
    return toSessionPayload(await this.papers.changeMetadata(context, { sessionId, patch, replacement, version }));
  }

  @Mutation(() => SessionPayload, {
    description: 'Writes the notes of a session. For the host of a conference, and the advisor of a call.',
  })
  async updateSessionNotes(
    @Arg('input', () => UpdateSessionNotesInput, { description: 'The notes.' }) input: UpdateSessionNotesInput,
    @Ctx() context: Context,
  ): Promise<SessionPayload> {
    return toSessionPayload(await this.papers.writeNotes(context, input));
  }

  private async metadataOf(session: Session, context: Context): Promise<MetadataRecord | null> {
    const reader = readingAs(readerOf(session, context), context);
    if (!(await this.sessions.admits(reader, session.record, 'session.read'))) return null;
    return context.loaders.for(this.papers, (ids: readonly string[]) => this.papers.listMetadata(ids)).load(session.id);
  }
}
