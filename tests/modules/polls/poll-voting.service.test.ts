import type { GuestViewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import { pollVoted } from '../../../src/modules/polls';
import type { PollVoted } from '../../../src/modules/polls';
import { placesOf } from '../../../src/modules/polls/choices';
import { testBackends } from '../../support/databases';
import { by } from '../by';
import { refused } from '../refused';
import type { Show, Stage, TwoStages } from '../stage';
import { openTwoStages } from '../stage';
import { options, poll } from './polls';

describe.each(testBackends())('votes in polls on %s', (kind) => {
  let opened: TwoStages;
  let stage: Stage;
  let there: Stage;
  let show: Show;
  let guests: GuestViewer[];
  beforeAll(async () => {
    opened = await openTwoStages(kind);
    ({ stage, there } = opened);
    show = await stage.live({ capacity: 200 });
    guests = [];
    for (let n = 0; n < 100; n += 1) guests.push(await stage.guest(show.session));
  });
  afterAll(() => opened.close());

  const guest = (n: number): GuestViewer => guests[n % guests.length] as GuestViewer;
  const voted = async (pollId: string): Promise<PollVoted[]> => {
    const events = await stage.kernel.log.read(`ballots:${show.session.id}`, 0, 100_000);
    return events.flatMap((event) => (pollVoted.is(event) ? [pollVoted.read(event)] : [])).filter((vote) => vote.pollId === pollId);
  };

  it('count once per person: chosen, changed, repeated and taken back', async () => {
    const made = await poll(stage, show.host, show.session, { maxChoices: 2, anonymous: false });
    const vote = (n: number, ...places: number[]) => stage.pollVoting.vote(guest(n), made.id, options(made, ...places));
    expect(await vote(0, 1, 3)).toMatchObject({ counts: [1, 0, 1], voters: 1 });
    expect(await vote(0, 3, 1)).toMatchObject({ counts: [1, 0, 1], voters: 1 });
    expect(await vote(1, 3)).toMatchObject({ counts: [1, 0, 2], voters: 2 });
    expect(await vote(0, 2)).toMatchObject({ counts: [0, 1, 1], voters: 2 });
    expect(await vote(0)).toMatchObject({ counts: [0, 0, 1], voters: 1 });
    expect(await vote(0)).toMatchObject({ counts: [0, 0, 1], voters: 1 });
    expect((await voted(made.id)).map(({ previous, choices, voters }) => [previous, choices, voters])).toEqual([
      [0, 0b101, 1],
      [0, 0b100, 2],
      [0b101, 0b010, 2],
      [0b010, 0, 1],
    ]);
    expect(await Promise.all([guest(1), guest(0), await stage.user()].map((viewer) => stage.pollResults.chosenBy(viewer, made)))).toEqual([
      0b100, 0, 0,
    ]);
  });

  it('are for those present, for options of the poll, and for no more of them than it allows', async () => {
    const made = await poll(stage, show.host, show.session);
    const other = await poll(stage, show.host, show.session);
    const vote = (ids: string[], viewer: GuestViewer = guest(0)) => stage.pollVoting.vote(viewer, made.id, ids);
    await expect(vote(options(made, 1, 2))).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    await expect(vote(options(made, 4))).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    await expect(vote(options(other, 1))).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    await expect(stage.pollVoting.vote(ANONYMOUS, made.id, [])).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(stage.pollVoting.vote(await stage.user(), made.id, [])).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const draft = await poll(stage, show.host, show.session, { open: false });
    await expect(stage.pollVoting.vote(guest(0), draft.id, options(draft, 1))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const { session, host } = await stage.live();
    const gone = await stage.guest(session);
    const elsewhere = await poll(stage, host, session);
    await stage.moderation.remove(by(host), gone.attendeeId);
    await expect(stage.pollVoting.vote(gone, elsewhere.id, [])).rejects.toMatchObject(refused('FORBIDDEN', 'ATTENDEE_REMOVED'));
  });

  it('stay exact when 1,000 come at once, over two instances, while the poll is emptied', async () => {
    const made = await poll(stage, show.host, show.session, { maxChoices: 3 });
    const running: Promise<unknown>[] = [];
    for (let n = 0; n < 1_000; n += 1) {
      const places = [1, 2, 3].filter((place) => ((n * 7) >> (place - 1)) % 2 === 1);
      running.push((n % 2 === 0 ? stage : there).pollVoting.vote(guest(n), made.id, options(made, ...places)));
      if (n === 500) running.push(there.polls.reset(by(show.host), made.id));
    }
    await Promise.all(running);
    const rows = await stage.kernel.database.sql<{ choices: number }>('SELECT choices FROM poll_ballots WHERE poll_id = $1', [made.id]);
    const counts = [0, 1, 2].map((place) => rows.filter(({ choices }) => placesOf(choices).includes(place)).length);
    const after = await stage.polls.findFor(by(guest(0)), made.id);
    expect(after).toMatchObject({ counts, voters: rows.length });
    expect((await voted(made.id)).at(-1)).toMatchObject({ counts, voters: rows.length, attendeeId: null });
  });

  it('come before the closing and are counted, or after it and are refused', async () => {
    const made = await poll(stage, show.host, show.session);
    const votes = guests.map((viewer, n) => (n % 2 === 0 ? stage : there).pollVoting.vote(viewer, made.id, options(made, 1)));
    const [outcomes] = await Promise.all([Promise.allSettled(votes), there.polls.close(by(show.host), made.id)]);
    const counted = outcomes.filter(({ status }) => status === 'fulfilled').length;
    expect(await stage.polls.findFor(by(show.host), made.id)).toMatchObject({ status: 'CLOSED', counts: [counted, 0, 0], voters: counted });
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(refused('FAILED_PRECONDITION', 'POLL_CLOSED'));
    }
  });
});
