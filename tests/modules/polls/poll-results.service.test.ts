import type { GuestViewer, Viewer } from '../../../src/lib/viewer';
import type { PollStanding } from '../../../src/modules/polls/poll.events';
import type { PollRecord } from '../../../src/modules/polls/poll.repository';
import { testBackends } from '../../support/databases';
import { HandPaced } from '../../support/hand-paced';
import { waitFor } from '../../support/wait-for';
import { by } from '../by';
import { Collected } from '../collected';
import { open } from '../open';
import type { Show, Stage, TwoStages } from '../stage';
import { openTwoStages } from '../stage';
import { options, poll } from './polls';

describe.each(testBackends())('results of polls on %s', (kind) => {
  const time = new HandPaced();
  let opened: TwoStages;
  let stage: Stage;
  let there: Stage;
  let show: Show;
  let guests: GuestViewer[];
  beforeAll(async () => {
    opened = await openTwoStages(kind, { pace: time.pace });
    ({ stage, there } = opened);
    show = await stage.live();
    guests = [];
    for (let n = 0; n < 40; n += 1) guests.push(await stage.guest(show.session));
  });
  afterAll(() => opened.close());

  const guest = (n: number): GuestViewer => guests[n] as GuestViewer;
  const follow = async (instance: Stage, viewer: Viewer): Promise<Collected<PollStanding>> =>
    new Collected(await instance.pollResults.follow(by(viewer), show.session.id, open()));
  const knows = async (viewer: Viewer, asked: PollRecord): Promise<boolean> => (await stage.pollResults.findFor(viewer, asked)) !== null;

  it('are known to whom the poll says, when it says', async () => {
    const [voter, other] = [guest(0), guest(1)];
    const stranger = await stage.user();
    const known: Record<string, boolean[][]> = {};
    for (const resultsVisibility of ['ALWAYS', 'AFTER_VOTE', 'AFTER_CLOSE', 'STAFF'] as const) {
      const made = await poll(stage, show.host, show.session, { resultsVisibility });
      const people = [voter, other, show.host, stranger];
      const ask = (): Promise<boolean[]> => Promise.all(people.map((viewer) => knows(viewer, made)));
      await stage.pollVoting.vote(voter, made.id, options(made, 1));
      const whileOpen = await ask();
      await stage.polls.close(by(show.host), made.id);
      known[resultsVisibility] = [whileOpen, await ask()];
    }
    expect(known).toEqual({
      ALWAYS: [
        [true, true, true, false],
        [true, true, true, false],
      ],
      AFTER_VOTE: [
        [true, false, true, false],
        [true, true, true, false],
      ],
      AFTER_CLOSE: [
        [false, false, true, false],
        [true, true, true, false],
      ],
      STAFF: [
        [false, false, true, false],
        [false, false, true, false],
      ],
    });
  });

  it('tell who chose what only where the poll is not anonymous', async () => {
    const [named, anonymous] = [true, false].map((byName) => poll(stage, show.host, show.session, { anonymous: !byName }));
    for (const made of [await named!, await anonymous!]) await stage.pollVoting.vote(guest(0), made.id, options(made, 2));
    const ballots = await stage.pollResults.listBallots(guest(1), await named!, null, 10);
    expect(ballots?.map(({ voter, choices }) => [voter.id, choices])).toEqual([[guest(0).attendeeId, 0b010]]);
    expect(await stage.pollResults.listBallots(show.host, await anonymous!, null, 10)).toBeNull();
  });

  it('come live in one frame per interval, whatever the burst, and end exact on every instance', async () => {
    const made = await poll(stage, show.host, show.session);
    const readers = [await follow(stage, show.host), await follow(there, guest(0))];
    const frames = (reader: Collected<PollStanding>): PollStanding[] => reader.items.filter(({ pollId }) => pollId === made.id);
    await Promise.all(
      guests.map((viewer, n) => (n % 2 === 0 ? stage : there).pollVoting.vote(viewer, made.id, options(made, 1 + (n % 3)))),
    );
    // One of another poll, which comes after all of these: both boards have seen everything.
    const last = await poll(stage, show.host, show.session);
    const ticks = await untilSeen(readers, last);
    for (const reader of readers) {
      expect(frames(reader).at(-1)).toMatchObject({ counts: [14, 13, 13], voters: 40 });
      expect(frames(reader).length).toBeLessThanOrEqual(ticks + 1);
      await reader.cut();
    }
  });

  it('come live to whoever has voted, and to everybody with the closing', async () => {
    const made = await poll(stage, show.host, show.session, { resultsVisibility: 'AFTER_VOTE' });
    const [voter, other] = [await follow(there, guest(0)), await follow(stage, guest(1))];
    await stage.pollVoting.vote(guest(0), made.id, options(made, 1));
    const seen = await poll(stage, show.host, show.session);
    await untilSeen([voter, other], seen);
    const of = ({ items }: Collected<PollStanding>): PollStanding[] => items.filter(({ pollId }) => pollId === made.id);
    expect([of(voter).at(-1)?.voters, of(other)]).toEqual([1, []]);
    await stage.polls.close(by(show.host), made.id);
    await waitFor(() => (time.tick(), of(other).at(-1)?.status === 'CLOSED'), { what: 'the results' });
    expect(of(other)).toMatchObject([{ counts: [1, 0, 0], status: 'CLOSED' }]);
    await Promise.all([voter.cut(), other.cut()]);
  });

  it('end with presence', async () => {
    const { host, session } = await stage.live();
    const leaving = await stage.guest(session);
    const reader = new Collected(await stage.pollResults.follow(by(leaving), session.id, open()));
    await stage.moderation.remove(by(host), leaving.attendeeId);
    await reader.done;
    await expect(stage.pollResults.follow(by(await stage.user()), session.id, open())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  /** Votes in the poll until all have seen it; answers how many intervals have ended. */
  async function untilSeen(readers: readonly Collected<PollStanding>[], last: PollRecord): Promise<number> {
    let ticks = 0;
    await stage.pollVoting.vote(guest(2), last.id, options(last, 1));
    const isSeen = (): boolean => readers.every(({ items }) => items.some(({ pollId }) => pollId === last.id));
    await waitFor(
      () => {
        if (isSeen()) return true;
        time.tick();
        ticks += 1;
        return false;
      },
      { what: 'the last poll' },
    );
    return ticks;
  }
});
