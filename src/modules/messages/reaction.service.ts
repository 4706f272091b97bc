import type { DomainError } from '../../errors/domain-error';
import { unauthenticated } from '../../errors/domain-error';
import { RATE_RULES } from '../../graphql/rate-rules';
import { BoundedCache } from '../../lib/bounded-cache';
import type { Viewer } from '../../lib/viewer';
import { viewerIds } from '../../lib/viewer';
import { failed, GroupCommit, succeeded } from '../../realtime/group-commit';
import type { Outcome } from '../../realtime/group-commit';
import type { Kernel } from '../../realtime/kernel';
import type { RecordingTx } from '../../realtime/unit-of-work';
import type { ChannelAccess, ChannelPlace } from '../channels';
import { channelStream, participantIdOf } from '../channels';
import { messageIds } from './message-batch';
import { messageDeletedAlready, messageNotFound, tooManyReactions } from './message.errors';
import { reactionsChanged } from './message.events';
import { planReactions } from './reaction-batch';
import type { Reaction, ReactionChange } from './reaction-batch';
import type { MessageTallies, ReactionRepository, ReactionTarget } from './reaction.repository';

const MAX_BATCH = 256;
const REMEMBERED = { entries: 10_000, bytes: 1_000_000 };
const REMEMBERED_BYTES = 100;
const NOBODY = '';

export interface ReactionWish {
  readonly messageId: string;
  readonly emoji: string;
  /** Whether it should be there. */
  readonly reacted: boolean;
}

interface Request extends ReactionWish {
  readonly viewer: Viewer;
}

/** What somebody asks of their own reactions to a message. */
export interface OwnReactionsAsked {
  readonly viewer: Viewer;
  readonly messageId: string;
}

export interface ReactionServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork' | 'rateLimiter'>;
  readonly access: ChannelAccess;
  readonly reactions: ReactionRepository;
}

/**
 * One reaction per person, message and emoji. Reactions of one channel share transactions under the lock of its stream: tallies are exact
 * whoever reacts at the same time, and the events tell them in the order in which they came to be.
 */
export class ReactionService {
  private readonly reacting: GroupCommit<Request, string>;
  /** A message never moves to another channel. */
  private readonly channels = new BoundedCache<string>(REMEMBERED);

  constructor(private readonly deps: ReactionServiceDeps) {
    this.reacting = new GroupCommit(deps.kernel.unitOfWork, {
      maxBatch: MAX_BATCH,
      actAs: (batch) => [...new Set(batch.flatMap(({ viewer }) => viewerIds(viewer)))],
      write: (tx, channelId, batch) => this.writeBatch(tx, channelId, batch),
    });
  }

  /** A reaction that is as it was wished already changes nothing and records nothing. Answers the message's id. */
  async react(viewer: Viewer, wish: ReactionWish): Promise<string> {
    const participantId = participantIdOf(viewer);
    if (participantId === null) throw unauthenticated();
    const channelId = await this.channelOf(wish.messageId);
    const decision = await this.deps.kernel.rateLimiter.consume(RATE_RULES.reaction, `${channelId}:${participantId}`);
    if (!decision.allowed) throw tooManyReactions(decision.retryAfterMs);
    return this.reacting.submit(channelId, { viewer, ...wish });
  }

  /** Of the messages that the viewer may read: row security decides. */
  listTallies(viewer: Viewer, messageIds: readonly string[]): Promise<MessageTallies[]> {
    return this.deps.reactions.listTallies(this.deps.kernel.database.as(viewerIds(viewer)), messageIds);
  }

  /** What each who asks reacts with, in the order asked. One statement, however many ask. */
  async listOwn(asked: readonly OwnReactionsAsked[]): Promise<ReadonlySet<string>[]> {
    const wanted = asked.map(({ viewer, messageId }) => ({ messageId, participantId: participantIdOf(viewer) ?? NOBODY }));
    const everybody = [...new Set(asked.flatMap(({ viewer }) => viewerIds(viewer)))];
    const found = await this.deps.reactions.listOwn(this.deps.kernel.database.as(everybody), wanted);
    const own = new Map<string, Set<string>>();
    for (const reaction of found) own.set(personKey(reaction), (own.get(personKey(reaction)) ?? new Set()).add(reaction.emoji));
    return wanted.map((key) => own.get(personKey(key)) ?? new Set());
  }

  /** As the server, because it decides nothing: whoever may not read the channel is refused as if the message were not there. */
  private async channelOf(messageId: string): Promise<string> {
    const known = this.channels.get(messageId);
    if (known !== undefined) return known;
    const channelId = messageIds.is(messageId)
      ? await this.deps.reactions.findChannel(this.deps.kernel.database.as('system'), messageId)
      : null;
    if (channelId === null) throw messageNotFound();
    this.channels.set(messageId, channelId, REMEMBERED_BYTES);
    return channelId;
  }

  private async writeBatch(tx: RecordingTx, channelId: string, batch: readonly Request[]): Promise<Outcome<string>[]> {
    const { access, reactions } = this.deps;
    const stream = channelStream(channelId);
    const ids = [...new Set(batch.map(({ messageId }) => messageId))];
    const viewers = batch.map(({ viewer }) => viewer);
    const channel = await access.findChannel(tx, channelId);
    const [, places, targets, tallies] = await Promise.all([
      tx.lock(stream),
      access.decideEach(tx, viewers, channel, 'react'),
      reactions.listTargets(tx, ids),
      reactions.listTallies(tx, ids),
    ]);
    const decisions = batch.map((request, index) => decide(request, places[index], targets));
    const changes = decisions.flatMap((decision) => (decision.ok ? [decision.value] : []));
    const before = {
      tallies: new Map(tallies.map((row) => [row.messageId, row.tallies])),
      reactions: changes.length === 0 ? [] : await reactions.listExisting(tx, changes),
    };
    const plan = planReactions(changes, before);
    reactions.insertAllAtCommit(tx, plan.added);
    reactions.deleteAllAtCommit(tx, plan.removed);
    reactions.storeTalliesAtCommit(tx, plan.tallies);
    tx.record(stream, ...[...plan.tallies].map(([messageId, after]) => reactionsChanged.record({ messageId, tallies: after })));
    const refusals = [...plan.refusals];
    return decisions.map((decision) => (decision.ok ? answer(decision.value, refusals.shift() ?? null) : decision));
  }
}

/** Strangers learn nothing; then whether the person, the session and the message are in a state for it. */
function decide(
  { messageId, emoji, reacted }: Request,
  place: Outcome<ChannelPlace> | undefined,
  targets: readonly ReactionTarget[],
): Outcome<ReactionChange> {
  if (place === undefined) return failed(messageNotFound());
  if (!place.ok) return place.error.code === 'NOT_FOUND' ? failed(messageNotFound()) : place;
  const target = targets.find(({ id }) => id === messageId);
  if (target === undefined) return failed(messageNotFound());
  if (target.deleted) return failed(messageDeletedAlready());
  return succeeded({ messageId, participantId: place.value.participant.id, emoji, reacted });
}

function answer({ messageId }: ReactionChange, refusal: DomainError | null): Outcome<string> {
  return refusal === null ? succeeded(messageId) : failed(refusal);
}

function personKey({ messageId, participantId }: Omit<Reaction, 'emoji'>): string {
  return `${messageId} ${participantId}`;
}
