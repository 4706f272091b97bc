import { createHmac } from 'node:crypto';
import type { Viewer } from '../../../src/lib/viewer';
import { grantOf, MEDIA_TOKEN_SECONDS } from '../../../src/modules/signaling/media-token';
import { createSignalingRoom } from '../../../src/modules/signaling/signaling.module';
import { sessionChanged } from '../../../src/modules/sessions';
import { testBackends } from '../../support/databases';
import { by } from '../by';
import { refused } from '../refused';
import type { Stage, TwoStages } from '../stage';
import { LIVEKIT, openTwoStages, setStage } from '../stage';

const NOW = new Date('2026-11-22T10:00:00.700Z');
const STAGE = ['camera', 'microphone', 'screen_share', 'screen_share_audio'];

describe('the rights on the media server', () => {
  it.each([
    ['HOST', 'VIDEO', STAGE],
    ['PRESENTER', 'VIDEO', STAGE],
    ['CLIENT', 'VIDEO', STAGE],
    ['ADVISOR', 'VIDEO', STAGE],
    ['MODERATOR', 'VIDEO', ['camera', 'microphone']],
    ['ATTENDEE', 'VIDEO', []],
    ['HOST', 'AUDIO', ['microphone']],
    ['MODERATOR', 'AUDIO', ['microphone']],
    ['ATTENDEE', 'AUDIO', []],
    ['HOST', 'CHAT', []],
  ] as const)('of %s in a session of %s are to send %j', (role, medium, canPublishSources) => {
    const canPublish = canPublishSources.length > 0;
    expect(grantOf({ role }, { id: 'ses_1', medium })).toEqual({
      room: 'ses_1',
      roomJoin: true,
      canSubscribe: true,
      canPublish,
      canPublishSources,
      canPublishData: canPublish,
    });
  });
});

describe.each(testBackends())('the media server on %s', (kind) => {
  let opened: TwoStages;
  let stage: Stage;

  beforeAll(async () => {
    opened = await openTwoStages(kind);
    stage = setStage(opened.database, { kernel: opened.stage.kernel, clock: { now: () => NOW }, sfuAbove: 2 });
  });
  afterAll(async () => {
    await stage.close();
    await opened.close();
  });

  it('is entered by a token that LiveKit can check, made for one attendee and their role', async () => {
    const { session, host } = await stage.live();
    const guest = await stage.guest(session, 'Ada');
    const { token, ...rest } = await stage.media.mintToken(guest, session.id);
    const exp = Math.floor(NOW.getTime() / 1_000) + MEDIA_TOKEN_SECONDS;
    expect(rest).toEqual({ url: LIVEKIT.url, room: session.id, expiresAt: new Date(exp * 1_000) });

    const [header = '', claims = '', signature] = token.split('.');
    expect(signature).toBe(createHmac('sha256', LIVEKIT.apiSecret).update(`${header}.${claims}`).digest('base64url'));
    const read = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
    expect(read(header)).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(read(claims)).toEqual({
      iss: LIVEKIT.apiKey,
      sub: guest.attendeeId,
      name: 'Ada',
      nbf: exp - MEDIA_TOKEN_SECONDS,
      exp,
      video: grantOf({ role: 'ATTENDEE' }, session),
    });

    await stage.moderation.setRole(by(host), guest.attendeeId, 'PRESENTER');
    const [, promoted = ''] = (await stage.media.mintToken(guest, session.id)).token.split('.');
    expect(read(promoted)).toMatchObject({ video: { canPublish: true, canPublishSources: STAGE } });
  });

  it('is for who is present, while the session is live, and where there is one', async () => {
    const { session, host } = await stage.live();
    const guest = await stage.guest(session);
    const mint = (viewer: Viewer): Promise<unknown> => stage.media.mintToken(viewer, session.id);
    await expect(mint(await stage.user())).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const none = createSignalingRoom({ ...stage, ice: { stunUrls: [], turnUrls: [], turnSecret: null } });
    await expect(none.media.mintToken(guest, session.id)).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'MEDIA_SERVER_ABSENT'));
    await stage.moderation.remove(by(host), guest.attendeeId);
    await expect(mint(guest)).rejects.toMatchObject(refused('FORBIDDEN', 'ATTENDEE_REMOVED'));
    await stage.sessions.command(by(host), session.id, 'end');
    await expect(mint(host)).rejects.toMatchObject(refused('FAILED_PRECONDITION', 'SESSION_NOT_LIVE'));
  });

  it('is where a session goes that has outgrown its mesh, told once, and for good', async () => {
    const { session, host } = await stage.live();
    const modes = async (): Promise<string[]> =>
      (await stage.history(session.id)).filter(sessionChanged.is).map((event) => sessionChanged.read(event).session.mediaMode);
    const [one] = [await stage.guest(session), await stage.guest(session)];
    const before = await modes();
    expect(new Set(before)).toEqual(new Set(['MESH']));
    await Promise.all([stage.guest(session), stage.guest(session)]);
    expect(await modes()).toEqual([...before, 'SFU']);
    await stage.attendees.leave(one, session.id);
    await stage.attendees.join(one, { code: session.code });
    expect(await modes()).toEqual([...before, 'SFU']);
    expect((await stage.sessions.get(stage.kernel.database, session.id)).mediaMode).toBe('SFU');
    await stage.sessions.command(by(host), session.id, 'end');
    expect((await modes()).at(-1)).toBe('SFU');
  });

  it('is nowhere to go without one, and for sessions of text alone', async () => {
    for (const [on, medium] of [
      [opened.stage, 'VIDEO'],
      [stage, 'CHAT'],
    ] as const) {
      const { session } = await on.live({ medium });
      for (let n = 0; n < 4; n += 1) await on.guest(session);
      expect((await on.sessions.get(on.kernel.database, session.id)).mediaMode).toBe('MESH');
    }
  });
});
