import fc from 'fast-check';
import { DomainError } from '../../../src/errors/domain-error';
import { deferred } from '../../../src/lib/deferred';
import type { GuestViewer } from '../../../src/lib/viewer';
import { ANONYMOUS } from '../../../src/lib/viewer';
import { messageAdded, messageDeleted, messageEdited } from '../../../src/modules/messages';
import { toChannelEvent } from '../../../src/modules/messages/message.type';
import type { StreamEvent } from '../../../src/realtime/event';
import type { RateLimiter } from '../../../src/realtime/rate-limiter';
import { asOwner, testBackends } from '../../support/databases';
import { PROPERTY_TIMEOUT_MS, propertyRuns } from '../../support/property-runs';
import { StreamReader } from '../../support/stream-reader';
import { waitFor } from '../../support/wait-for';
import { open } from '../open';
import { refused } from '../refused';
import { guestOf } from '../rooms';
import type { Show, Stage, TwoStages } from '../stage';
import { openTwoStages, setStage } from '../stage';
import { by } from '../by';

const codeOf = (error: unknown): unknown => (error instanceof DomainError ? error.code : error);
const END = { direction: 'forward', beyond: null, limit: 100 } as const;

describe.each(testBackends())('messages on %s', (kind) => {
  let opened: TwoStages;
  let stage: Stage;
  let there: Stage;
  let show: Show;
  let guest: GuestViewer;

  beforeAll(async () => {
    opened = await openTwoStages(kind);
    ({ stage, there } = opened);
  });
  beforeEach(async () => {
    show = await stage.live();
    guest = await stage.guest(show.session);
  });
  afterEach(() => {
    expect([stage, there].map(({ kernel }) => kernel.fanOut.stats().subscribers)).toEqual([0, 0]);
  });
  afterAll(() => opened.close());

  const send = (body: string, viewer: Parameters<Stage['messages']['send']>[0] = guest, clientId?: string) =>
    stage.messages.send(viewer, { channelId: show.channel.id, body, clientId });
  const events = (after = 0): Promise<StreamEvent[]> => stage.kernel.log.read(`channel:${show.channel.id}`, after, 1_000);
  const bodies = async (): Promise<string[]> => {
    const history = await stage.messages.listHistory(show.host, show.channel, END);
    return history.map(({ body }) => body);
  };

  describe('sendMessage', () => {
    it('stores the message as written and records it with the same place', async () => {
      const message = await send('  <b>hi</b> \u{1F388} ');
      expect(message).toMatchObject({
        channelId: show.channel.id,
        senderId: guest.attendeeId,
        senderName: 'Guest',
        body: '  <b>hi</b> \u{1F388} ',
      });
      const [event] = await events();
      expect(event?.offset).toBe(message.offset);
      expect(event && messageAdded.read(event).message).toMatchObject({ id: message.id, body: message.body, createdAt: message.createdAt });
      expect(JSON.stringify(event?.payload)).not.toContain('client');
    });

    it('knows a user as the same sender in every session, and a guest by their attendee', async () => {
      expect((await send('hello', show.host)).senderId).toBe(show.host.userId);
      expect((await send('hello')).senderId).toBe(guest.attendeeId);
    });

    it('requires a place in the channel, in the state to write', async () => {
      const other = await stage.live();
      await expect(send('x', ANONYMOUS)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      await expect(send('x', await stage.user())).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(send('x', await stage.guest(other.session))).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(stage.messages.send(guest, { channelId: 'chn_00000000000000000000000000', body: 'x' })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
      await stage.moderation.remove(by(show.host), guest.attendeeId);
      await expect(send('x')).rejects.toMatchObject(refused('FORBIDDEN', 'ATTENDEE_REMOVED'));
      await stage.sessions.command(by(show.host), show.session.id, 'end');
      await expect(send('x', show.host)).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'SESSION_ENDED'));
      expect(await events()).toEqual([]);
      expect(await stage.kernel.database.sql('SELECT 1 FROM streams WHERE id LIKE $1', ['channel:chn_000%'])).toEqual([]);
    });

    it('answers every retry of one client id with one message (R5)', async () => {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, n) =>
          (n % 2 ? stage : there).messages.send(guest, { channelId: show.channel.id, body: 'once', clientId: 'a' }),
        ),
      );
      expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
      expect(await bodies()).toEqual(['once']);
      expect(await events()).toHaveLength(1);
    });

    it('takes somebody with an account for one sender, by whichever of their tokens they come', async () => {
      const user = await stage.user('Twice');
      const attendee = guestOf(await stage.attendees.join(user, { code: show.session.code }));
      const viewers = [attendee, attendee, user];
      const ids: string[] = [];
      for (const viewer of viewers) ids.push((await send('once', viewer, 'a')).id);
      expect(new Set(ids).size).toBe(1);
      expect(await bodies()).toEqual(['once']);
    });

    it('refuses a client id with another text, and keeps those of other senders apart', async () => {
      await send('one', guest, 'a');
      await expect(send('two', guest, 'a')).rejects.toMatchObject(refused('IDEMPOTENCY_CONFLICT', 'CLIENT_ID_REUSED'));
      await send('three', show.host, 'a');
      expect(await bodies()).toEqual(['one', 'three']);
    });

    it('lets a bad message of a batch fail alone', async () => {
      const removed = await stage.guest(show.session);
      await stage.moderation.remove(by(show.host), removed.attendeeId);
      const viewers = [guest, removed, ANONYMOUS, show.host, await stage.user(), guest];
      const answers = await Promise.allSettled(viewers.map((viewer, n) => send(String(n), viewer)));
      expect(answers.map((answer) => (answer.status === 'fulfilled' ? answer.value.body : codeOf(answer.reason)))).toEqual([
        '0',
        'FORBIDDEN',
        'UNAUTHENTICATED',
        '3',
        'NOT_FOUND',
        '5',
      ]);
    });

    it('puts 400 messages from two instances into one order without a gap', async () => {
      const sent = await Promise.all(
        Array.from({ length: 400 }, (_, n) =>
          (n % 2 ? stage : there).messages.send(guest, { channelId: show.channel.id, body: String(n) }),
        ),
      );
      expect(sent.map(({ offset }) => offset).sort((a, b) => a - b)).toEqual(Array.from({ length: 400 }, (_, n) => n + 1));
      const logged = await events();
      expect(new Map(logged.map((event) => [messageAdded.read(event).message.id, event.offset]))).toEqual(
        new Map(sent.map(({ id, offset }) => [id, offset])),
      );
    });

    if (kind === 'postgres') {
      it('decides rights after the wait for the channel: whoever was removed meanwhile is refused', async () => {
        await send('first');
        const held = deferred();
        const release = deferred();
        const holding = stage.kernel.unitOfWork.run(async (tx) => {
          await tx.lock(`channel:${show.channel.id}`);
          held.resolve();
          await release.promise;
        });
        await held.promise;
        const late = expect(send('late')).rejects.toMatchObject(refused('FORBIDDEN', 'ATTENDEE_REMOVED'));
        await waitFor(async () => {
          const waiting = await asOwner(
            opened.database,
            `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
          );
          return waiting.length > 0;
        });
        await stage.moderation.remove(by(show.host), guest.attendeeId);
        release.resolve();
        await Promise.all([holding, late]);
        expect(await bodies()).toEqual(['first']);
      });
    }

    it('is limited per sender and channel, and tells when to come back', async () => {
      const asked: string[] = [];
      const limiter: RateLimiter = {
        kind: 'memory',
        consume: (rule, key) => {
          asked.push(`${rule.name} ${rule.points}/${rule.windowMs} ${key}`);
          return Promise.resolve({ allowed: false, limit: 100, remaining: 0, resetMs: 1_234, retryAfterMs: 1_234 });
        },
        close: () => Promise.resolve(),
      };
      const limited = setStage(opened.database, { kernel: stage.kernel, rateLimiter: limiter });
      await expect(limited.messages.send(guest, { channelId: show.channel.id, body: 'x' })).rejects.toMatchObject({
        code: 'RATE_LIMITED',
        details: { retryAfterMs: 1_234 },
      });
      expect(asked).toEqual([`message 100/60000 ${show.channel.id}:${guest.attendeeId}`]);
    });
  });

  describe('editMessage', () => {
    it('changes the text for everyone and records it', async () => {
      const { id } = await send('befor');
      const edited = await stage.messages.edit(guest, id, 'before');
      expect(edited).toMatchObject({ id, body: 'before', editedAt: expect.any(Date) as Date });
      expect(await bodies()).toEqual(['before']);
      const [, event] = await events();
      expect(event && messageEdited.read(event).message).toMatchObject({ id, body: 'before', editedAt: edited.editedAt });
    });

    it('keeps what it said before, for those who read the channel', async () => {
      const message = await send('one');
      const times = [];
      for (const body of ['two', 'two', 'three']) times.push((await stage.messages.edit(guest, message.id, body)).editedAt);
      const edits = await stage.edits.list(show.host, message, 0, 10);
      expect(edits).toEqual([
        { number: 1, body: 'one', editedAt: times[0] },
        { number: 2, body: 'two', editedAt: times[2] },
      ]);
      expect(await stage.edits.list(show.host, message, 1, 1)).toEqual(edits.slice(1));
      await expect(stage.edits.list(await stage.user(), message, 0, 10)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await stage.messages.delete(guest, message.id);
      expect(await stage.edits.list(show.host, message, 0, 10)).toEqual([]);
      expect(await opened.database.as('system').sql('SELECT 1 FROM message_edits WHERE message_id = $1', [message.id])).toEqual([]);
    });

    it('changes nothing when the text is the same', async () => {
      const { id } = await send('same');
      expect(await stage.messages.edit(guest, id, 'same')).toMatchObject({ editedAt: null });
      expect(await events()).toHaveLength(1);
    });

    it('requires the sender, and a message that is still there', async () => {
      const { id } = await send('mine');
      await expect(stage.messages.edit(show.host, id, 'x')).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_THE_SENDER'));
      await expect(stage.messages.edit(await stage.user(), id, 'x')).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: 'Message not found.',
      });
      await expect(stage.messages.edit(guest, 'msg_00000000000000000000000000', 'x')).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: 'Message not found.',
      });
      await stage.messages.delete(guest, id);
      await expect(stage.messages.edit(guest, id, 'x')).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'MESSAGE_DELETED'));
      expect(await bodies()).toEqual(['']);
    });
  });

  describe('deleteMessage', () => {
    it('takes the text out of the channel, its history and its log, for good', async () => {
      const kept = await send('kept secret');
      const { id } = await send('first secret');
      await stage.messages.edit(guest, id, 'second secret');
      await stage.messages.edit(guest, kept.id, 'kept secret 2');
      const deleted = await stage.messages.delete(guest, id);
      expect(deleted).toMatchObject({ body: '', deletedAt: expect.any(Date) as Date });
      expect(await bodies()).toEqual(['kept secret 2', '']);
      const logged = await events();
      expect(logged.map(({ type }) => type)).toEqual([
        'message.added',
        'message.added',
        'message.edited',
        'message.edited',
        'message.deleted',
      ]);
      expect(JSON.stringify(logged)).not.toMatch(/first|second/);
      expect(logged.map((event) => messageAdded.read(event).message.body)).toEqual(['kept secret', '', '', 'kept secret 2', '']);
      expect(logged[4] && messageDeleted.read(logged[4]).message.id).toBe(id);
      expect(JSON.stringify(await stage.kernel.database.as('system').sql('SELECT * FROM messages WHERE id = $1', [id]))).not.toContain(
        'secret',
      );
    });

    it('is for the sender and for who runs the session, also when it is over', async () => {
      const [mine, theirs, late] = [await send('1'), await send('2'), await send('3')];
      const other = await stage.guest(show.session);
      await expect(stage.messages.delete(other, mine.id)).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_THE_SENDER'));
      await expect(stage.messages.delete(await stage.user(), mine.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await stage.messages.delete(guest, mine.id);
      await stage.messages.delete(show.host, theirs.id);
      await stage.sessions.command(by(show.host), show.session.id, 'end');
      await stage.messages.delete(show.host, late.id);
      expect(await bodies()).toEqual(['', '', '']);
    });

    it('is for the owner of another channel', async () => {
      const [owner, member] = [await stage.user(), await stage.user()];
      const channel = await stage.channels.create(by(owner), { name: `a:b:${Date.now()}`, type: 'SHARED', memberIds: [member.userId] });
      const [one, two] = [owner, member].map((viewer) => stage.messages.send(viewer, { channelId: channel.id, body: 'x' }));
      await expect(stage.messages.delete(member, (await one)?.id ?? '')).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(stage.messages.delete(owner, (await two)?.id ?? '')).resolves.toMatchObject({ body: '' });
    });

    it('happens once', async () => {
      const { id } = await send('x');
      const answers = await Promise.all(Array.from({ length: 5 }, () => stage.messages.delete(guest, id)));
      expect(answers.every(({ body }) => body === '')).toBe(true);
      expect((await events()).filter((event) => messageDeleted.is(event))).toHaveLength(1);
    });
  });

  it(
    'ends in one state, told by the last event, whatever edits and deletions race (R8)',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.constantFrom('edit', 'delete', 'send'), { minLength: 2, maxLength: 8 }), async (actions) => {
          const { id, offset } = await send('start');
          await Promise.allSettled(
            actions.map((action, n) => {
              const { messages } = n % 2 ? stage : there;
              if (action === 'edit') return messages.edit(guest, id, `edit ${n}`);
              return action === 'delete'
                ? messages.delete(show.host, id)
                : messages.send(guest, { channelId: show.channel.id, body: 'x', clientId: `${id} ${n % 3}` });
            }),
          );
          const message = await stage.messages.findFor(guest, id);
          const told = (await events(offset - 1)).filter((event) => messageAdded.read(event).message.id === id);
          const last = told.at(-1);
          expect(last && messageAdded.read(last).message.body).toBe(message?.body);
          const edits = (await stage.edits.list(guest, { id, channelId: show.channel.id }, 0, 100)).map(({ body }) => body);
          if (actions.includes('delete')) expect(edits).toEqual([]);
          else expect([...edits, message?.body]).toEqual(told.map((event) => messageAdded.read(event).message.body));
          if (actions.includes('delete')) expect(told.map((event) => messageAdded.read(event).message.body)).toEqual(told.map(() => ''));
        }),
        { numRuns: propertyRuns(25) },
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  describe('history', () => {
    it('walks forward and backward over changing data, each message once (P2)', async () => {
      const sent: string[] = [];
      for (let n = 0; n < 10; n += 1) sent.push((await send(String(n))).id);
      const walk = async (direction: 'forward' | 'backward'): Promise<string[]> => {
        const seen: string[] = [];
        let beyond: number | null = null;
        for (;;) {
          const page = await stage.messages.listHistory(guest, show.channel, { direction, beyond, limit: 3 });
          seen.push(...page.map(({ id }) => id));
          if (page.length < 3) return seen;
          beyond = page.at(-1)?.offset ?? null;
          await stage.messages.edit(guest, page[0]?.id ?? '', `${Math.random()}`);
        }
      };
      expect(await walk('forward')).toEqual(sent);
      expect(await walk('backward')).toEqual([...sent].reverse());
    });

    it('requires presence', async () => {
      const { id } = await send('x');
      const stranger = await stage.user();
      await expect(stage.messages.listHistory(stranger, show.channel, END)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await stage.messages.findFor(stranger, id)).toBeNull();
      await stage.attendees.leave(guest, show.session.id);
      await expect(stage.messages.listHistory(guest, show.channel, END)).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_ATTENDING'));
      expect(await stage.messages.findFor(guest, id)).toBeNull();
    });
  });

  describe('acknowledge', () => {
    it('counts what others wrote after the marker, deleted ones not', async () => {
      const first = await send('1', show.host);
      await send('2', show.host);
      const third = await send('3', show.host);
      await send('mine');
      expect(await stage.receipts.countUnread(guest, show.channel)).toBe(3);
      const { epoch } = await stage.kernel.log.open(`channel:${show.channel.id}`);
      const cursor = { epoch, offset: first.offset };
      expect(await stage.receipts.acknowledge(guest, { channelId: show.channel.id, cursor })).toEqual({ cursor, unreadCount: 2 });
      await stage.messages.delete(show.host, third.id);
      expect(await stage.receipts.countUnread(guest, show.channel)).toBe(1);
      expect(await stage.receipts.countUnread(show.host, show.channel)).toBe(1);
      expect(await stage.receipts.countUnread(await stage.user(), show.channel)).toBe(0);
    });

    it('never moves back, nor beyond what was written', async () => {
      for (let n = 0; n < 3; n += 1) await send(String(n), show.host);
      const { epoch } = await stage.kernel.log.open(`channel:${show.channel.id}`);
      const acknowledge = (offset: number) => stage.receipts.acknowledge(guest, { channelId: show.channel.id, cursor: { epoch, offset } });
      expect((await acknowledge(2)).cursor.offset).toBe(2);
      expect((await acknowledge(1)).cursor.offset).toBe(2);
      expect((await acknowledge(1e14)).cursor.offset).toBe(3);
      await send('4', show.host);
      expect(await stage.receipts.countUnread(guest, show.channel)).toBe(1);
    });

    it('refuses a cursor of another stream', async () => {
      await expect(
        stage.receipts.acknowledge(guest, { channelId: show.channel.id, cursor: { epoch: 'feedfeedfeed', offset: 1 } }),
      ).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
      });
    });
  });

  describe('channelEvents', () => {
    it('tells everything after a cursor, then goes on live, on every instance', async () => {
      await send('before');
      const reader = new StreamReader(await there.messages.follow(guest, show.channel.id, null, open()));
      const { id } = await send('added');
      await stage.messages.edit(guest, id, 'edited');
      await stage.messages.delete(guest, id);
      await waitFor(() => reader.items.length === 4, { what: 'three events' });
      expect(reader.items.map((item) => toChannelEvent(item).constructor.name)).toEqual([
        'StreamOpened',
        'MessageAdded',
        'MessageEdited',
        'MessageDeleted',
      ]);
      const page = await stage.messages.listEvents(guest, show.channel.id, reader.cursor && { ...reader.cursor, offset: 0 }, 2);
      expect(page.map(toChannelEvent)).toMatchObject([{ message: { body: 'before' } }, { message: { body: '' } }]);
      await reader.cut();
    });

    it('ends when the reader is removed, on the other instance', async () => {
      const reader = new StreamReader(await stage.messages.follow(guest, show.channel.id, null, open()));
      await there.moderation.remove(by(show.host), guest.attendeeId);
      await reader.done;
      await send('unheard', show.host);
      expect(reader.offsets).toEqual([]);
      await expect(stage.messages.follow(guest, show.channel.id, null, open())).rejects.toMatchObject(
        refused('FORBIDDEN', 'ATTENDEE_REMOVED'),
      );
    });

    it('requires a place in the channel', async () => {
      await expect(stage.messages.follow(await stage.user(), show.channel.id, null, open())).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(stage.messages.listEvents(ANONYMOUS, show.channel.id, null, 1)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    });
  });
});
