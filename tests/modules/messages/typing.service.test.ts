import { ANONYMOUS } from '../../../src/lib/viewer';
import { waitFor } from '../../support/wait-for';
import { open } from '../open';
import { Collected } from '../collected';
import type { Stage, TwoStages } from '../stage';
import { openTwoStages } from '../stage';
import { by } from '../by';

describe('typing', () => {
  let opened: TwoStages;
  let stage: Stage;
  let there: Stage;

  beforeAll(async () => {
    opened = await openTwoStages('pglite');
    ({ stage, there } = opened);
  });
  afterAll(() => opened.close());

  it('is told to the others on every instance, not to who types, and not stored', async () => {
    const { host, session, channel } = await stage.live();
    const guest = await stage.guest(session, 'Bob');
    const [hosts, guests] = [
      new Collected(await there.typing.follow(host, channel.id, open())),
      new Collected(await stage.typing.follow(guest, channel.id, open())),
    ];
    await stage.typing.set(guest, channel.id, true);
    await stage.typing.set(guest, channel.id, true);
    await stage.typing.set(host, channel.id, true);
    await waitFor(() => hosts.items.length === 1 && guests.items.length === 1, { what: "each other's typing" });
    expect(hosts.items).toEqual([{ senderId: guest.attendeeId, senderName: 'Bob', typing: true }]);
    expect(guests.items).toEqual([{ senderId: host.userId, senderName: 'Host', typing: true }]);
    expect(await stage.kernel.log.read(`channel:${channel.id}`, 0, 10)).toEqual([]);
    await hosts.cut();
    await guests.cut();
  });

  it('spammed, is told at most once a second as begun, and ends as it is (D30)', async () => {
    const { host, session, channel } = await stage.live();
    const guest = await stage.guest(session);
    const reader = new Collected(await there.typing.follow(host, channel.id, open()));
    const startedAt = performance.now();
    for (let n = 1; n <= 200; n += 1) await stage.typing.set(guest, channel.id, n % 2 === 1);
    // What is told in turn by another, so that everything before has come.
    await stage.typing.set(await stage.guest(session, 'Last'), channel.id, true);
    await waitFor(() => reader.items.some(({ senderName }) => senderName === 'Last'), { what: 'the last news' });
    const told = reader.items.filter(({ senderId }) => senderId === guest.attendeeId).map(({ typing }) => typing);
    const seconds = Math.ceil((performance.now() - startedAt) / 1_000);
    expect(told.filter((typing) => typing).length).toBeLessThanOrEqual(seconds);
    expect(told).toEqual(told.map((_, n) => n % 2 === 0));
    expect(told.at(-1)).toBe(false);
    await reader.cut();
  });

  it("requires the right to write, and ends with the reader's presence", async () => {
    const { host, session, channel } = await stage.live();
    const guest = await stage.guest(session);
    const reader = new Collected(await stage.typing.follow(guest, channel.id, open()));
    await stage.moderation.remove(by(host), guest.attendeeId);
    await reader.done;
    await expect(stage.typing.set(guest, channel.id, true)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(stage.typing.set(ANONYMOUS, channel.id, true)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(stage.typing.follow(await stage.user(), channel.id, open())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
