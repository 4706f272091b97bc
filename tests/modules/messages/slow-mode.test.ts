import type { DomainError } from '../../../src/errors/domain-error';
import type { UserViewer, Viewer } from '../../../src/lib/viewer';
import { MemoryRateLimiter } from '../../../src/realtime/rate-limiter.memory';
import { asOwner, testBackends } from '../../support/databases';
import { by } from '../by';
import { refused } from '../refused';
import type { Stage, TwoStages } from '../stage';
import { openTwoStages, setStage } from '../stage';

const WAIT_SECONDS = 60;

describe.each(testBackends())('how fast may be written on %s', (kind) => {
  let opened: TwoStages;
  let stage: Stage;
  let there: Stage;
  let names = 0;

  beforeAll(async () => {
    opened = await openTwoStages(kind);
    ({ stage, there } = opened);
  });
  afterAll(() => opened.close());

  const send = (viewer: Viewer, channelId: string, on = stage, clientId?: string) =>
    on.messages.send(viewer, { channelId, body: 'Hello.', clientId });
  const pass = (channelId: string, seconds: number) =>
    asOwner(opened.database, `UPDATE slow_mode_turns SET at = at - $2 * interval '1 second' WHERE channel_id = $1`, [channelId, seconds]);

  it('in slow mode is once in a while, however many ask at once on two instances; each waits for themselves', async () => {
    const show = await stage.live();
    await stage.sessions.update(by(show.host), show.session.id, { slowModeSeconds: WAIT_SECONDS });
    const guests = [await stage.guest(show.session), await stage.guest(show.session)];
    for (let round = 0; round < 2; round += 1) {
      const attempts = guests.flatMap((guest) => Array.from({ length: 10 }, (_, n) => send(guest, show.channel.id, n % 2 ? stage : there)));
      const settled = await Promise.allSettled(attempts);
      const sent = settled.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value.senderId] : []));
      expect(sent.sort()).toEqual(guests.map(({ attendeeId }) => attendeeId).sort());
      const [refusal] = settled.flatMap((attempt) => (attempt.status === 'rejected' ? [attempt.reason as DomainError] : []));
      expect(refusal).toMatchObject(refused('RATE_LIMITED', 'SLOW_MODE'));
      expect(refusal?.details?.retryAfterMs).toBeGreaterThan(0);
      expect(refusal?.details?.retryAfterMs).toBeLessThanOrEqual(WAIT_SECONDS * 1_000);
      await pass(show.channel.id, WAIT_SECONDS);
    }
  });

  it('in slow mode binds nobody who keeps order, and no retry of what was written', async () => {
    const show = await stage.live();
    await stage.sessions.update(by(show.host), show.session.id, { slowModeSeconds: WAIT_SECONDS });
    const guest = await stage.guest(show.session);
    for (let n = 0; n < 3; n += 1) await send(show.host, show.channel.id);
    const { id } = await send(guest, show.channel.id, stage, 'once');
    expect((await send(guest, show.channel.id, there, 'once')).id).toBe(id);
    await expect(send(guest, show.channel.id, there, 'twice')).rejects.toMatchObject({ reason: 'SLOW_MODE' });
    await stage.sessions.update(by(show.host), show.session.id, { slowModeSeconds: 0 });
    await send(guest, show.channel.id, there, 'twice');
  });

  it('in a channel with members is set by its owner, and told', async () => {
    const [owner, member] = [await stage.user('Owner'), await stage.user('Member')];
    const channel = await stage.channels.create(by(owner), { name: `a:b:${(names += 1)}`, type: 'SHARED', memberIds: [member.userId] });
    const set = (viewer: UserViewer) => there.channelStates.setSlowMode(by(viewer), channel.id, WAIT_SECONDS);
    await expect(set(member)).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_CHANNEL_OWNER'));
    await set(owner);
    await set(owner);
    await send(member, channel.id);
    await expect(send(member, channel.id, there)).rejects.toMatchObject({ reason: 'SLOW_MODE' });
    for (let n = 0; n < 2; n += 1) await send(owner, channel.id);
    const told = await stage.kernel.log.read(`channel:${channel.id}`, 0, 100);
    expect(told.filter(({ type }) => type === 'channel.changed')).toHaveLength(1);
  });

  it('while the chat is off is not at all, for anybody; what was written is read as before', async () => {
    const show = await stage.live();
    const guest = await stage.guest(show.session);
    const { id } = await send(guest, show.channel.id);
    await there.sessions.update(by(show.host), show.session.id, { chatEnabled: false });
    const off = refused('FAILED_PRECONDITION', 'CHAT_OFF');
    for (const viewer of [guest, show.host]) await expect(send(viewer, show.channel.id)).rejects.toMatchObject(off);
    await expect(stage.messages.edit(guest, id, 'x')).rejects.toMatchObject(off);
    await expect(stage.reactions.react(guest, { messageId: id, emoji: '👍', reacted: true })).rejects.toMatchObject(off);
    expect(await stage.messages.get(guest, id)).toMatchObject({ body: 'Hello.' });
    await stage.messages.delete(guest, id);
    await there.sessions.update(by(show.host), show.session.id, { chatEnabled: true });
    await send(guest, show.channel.id);
  });

  it('is at most as often a minute as the server is told, for each sender and channel', async () => {
    const limiter = new MemoryRateLimiter();
    const limited = setStage(opened.database, { kernel: stage.kernel, rateLimiter: limiter, perMinute: 3 });
    const show = await stage.live();
    const [ann, bob] = [await stage.guest(show.session), await stage.guest(show.session)];
    for (let n = 0; n < 3; n += 1) await send(ann, show.channel.id, limited);
    await expect(send(ann, show.channel.id, limited)).rejects.toMatchObject(refused('RATE_LIMITED', 'MESSAGE_RATE'));
    await send(bob, show.channel.id, limited);
    await limited.close();
    await limiter.close();
  });
});
