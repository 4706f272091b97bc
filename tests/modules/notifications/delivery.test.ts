import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { UserViewer } from '../../../src/lib/viewer';
import type { DeliveryPort, Parcel } from '../../../src/modules/notifications/delivery-port';
import { Undeliverable } from '../../../src/modules/notifications/delivery-port';
import { SmtpMailer } from '../../../src/modules/notifications/smtp-mailer';
import { asOwner, openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { by } from '../by';
import type { NotificationStage } from './notification-stage';
import { setNotificationStage } from './notification-stage';

/** A letter as it arrived: the envelope and the text. */
interface Letter {
  readonly to: readonly string[];
  readonly raw: string;
}

interface PostOffice {
  readonly url: string;
  readonly letters: Letter[];
  /** What recipients are answered from now on; null: 250. */
  refusal: { readonly code: number } | null;
  close(): Promise<void>;
}

async function openPostOffice(): Promise<PostOffice> {
  const letters: Letter[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: (_address, _session, callback) => {
      const refusal = office.refusal;
      callback(refusal === null ? null : Object.assign(new Error('not now'), { responseCode: refusal.code }));
    },
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        letters.push({ to: session.envelope.rcptTo.map(({ address }) => address), raw: Buffer.concat(chunks).toString() });
        callback();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  const office: PostOffice = { url: `smtp://127.0.0.1:${port}`, letters, refusal: null, close };
  return office;
}

describe.each(testBackends())('deliveries on %s', (kind) => {
  let opened: TestDatabase;
  let office: PostOffice;
  let stage: NotificationStage;
  let there: NotificationStage;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    office = await openPostOffice();
    const mailer = (): DeliveryPort => new SmtpMailer({ smtpUrl: office.url, from: 'Parley <parley@parley.example>' });
    stage = await setNotificationStage(opened.database, [mailer()]);
    there = await setNotificationStage(opened.database, [mailer()]);
  });
  afterEach(() => {
    office.letters.splice(0);
    office.refusal = null;
  });
  afterAll(async () => {
    await Promise.all([stage.close(), there.close()]);
    await Promise.all([stage.kernel.close(), there.kernel.close()]);
    await office.close();
    await opened.drop();
  });

  const vouched = async (name: string): Promise<UserViewer> => {
    const user = await stage.user(name);
    await asOwner(opened.database, 'UPDATE users SET email_verified_at = now() WHERE id = $1', [user.userId]);
    return user;
  };
  /** Somebody is told of a session of this title that starts soon: that goes out at once. */
  const tell = async (host: UserViewer, title: string): Promise<void> => {
    const session = await stage.conference(host, { title, scheduledFor: new Date(Date.now() + 60_000) });
    await stage.tellAll();
    await stage.room.reminding.go();
    expect(await stage.toldTo(host)).toContainEqual(expect.objectContaining({ subjectId: session.id }));
  };
  const deliverEverywhere = (): Promise<unknown> => Promise.all([stage.room.delivering.go(), there.room.delivering.go()]);
  const dueAgain = (): Promise<unknown> => asOwner(opened.database, 'UPDATE notification_deliveries SET next_attempt_at = now()');
  const stateOf = async ({ userId }: UserViewer): Promise<{ status: string; attempts: number }[]> =>
    asOwner(
      opened.database,
      `SELECT d.status, d.attempts FROM notification_deliveries d JOIN notifications n ON n.id = d.notification_id WHERE n.user_id = $1`,
      [userId],
    );

  it('sends one letter, whichever instances look, that says what was written', async () => {
    const host = await vouched('Ann <b>');
    await tell(host, '<script>alert(1)</script> & "more"\r\nBcc: eve@example.org');
    await deliverEverywhere();
    await dueAgain();
    await deliverEverywhere();
    const [letter, ...others] = office.letters;
    expect(others).toEqual([]);
    const [headers = '', ...body] = letter?.raw.split('\r\n\r\n') ?? [];
    expect(letter?.to).toHaveLength(1);
    expect(headers).toContain('From: Parley <parley@parley.example>');
    expect(headers).not.toMatch(/^Bcc:/m);
    const text = decodedOf(body.join('\r\n\r\n'));
    expect(text).toContain('<script>alert(1)</script> & "more"');
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;more&quot;');
    expect(await stateOf(host)).toEqual([{ status: 'SENT', attempts: 1 }]);
  });

  it('tries again when the server cannot now, and never when it never will', async () => {
    const [ann, ben] = [await vouched('Ann'), await vouched('Ben')];
    await tell(ann, 'Later');
    office.refusal = { code: 451 };
    await deliverEverywhere();
    expect(await stateOf(ann)).toEqual([{ status: 'PENDING', attempts: 1 }]);
    await deliverEverywhere();
    expect(await stateOf(ann)).toEqual([{ status: 'PENDING', attempts: 1 }]);
    await dueAgain();
    office.refusal = null;
    await deliverEverywhere();
    expect(await stateOf(ann)).toEqual([{ status: 'SENT', attempts: 2 }]);
    office.refusal = { code: 550 };
    await tell(ben, 'Never');
    await deliverEverywhere();
    expect(await stateOf(ben)).toEqual([{ status: 'FAILED', attempts: 1 }]);
  });

  it('writes to nobody whose address nobody has vouched for', async () => {
    const host = await stage.user('Somebody');
    await tell(host, 'Hello');
    await deliverEverywhere();
    expect(office.letters).toEqual([]);
    expect(await stateOf(host)).toEqual([{ status: 'FAILED', attempts: 1 }]);
  });

  it('lets who reads it here be', async () => {
    const host = await vouched('Ann');
    await tell(host, 'Read');
    await stage.room.notifications.markAllRead(host);
    await deliverEverywhere();
    expect(office.letters).toEqual([]);
    expect(await stateOf(host)).toEqual([{ status: 'NOT_NEEDED', attempts: 1 }]);
  });

  it('goes out by what somebody wants, also when it is not wanted here', async () => {
    const [ann, ben] = [await vouched('Ann'), await vouched('Ben')];
    const { notifications } = stage.room;
    await notifications.setPreference(ann, { type: 'SESSION_STARTING', port: 'EMAIL', enabled: false });
    await notifications.setPreference(ben, { type: 'SESSION_STARTING', port: 'IN_APP', enabled: false });
    await tell(ann, 'Not by letter');
    await tell(ben, 'By letter alone');
    await deliverEverywhere();
    expect(office.letters).toHaveLength(1);
    expect(await stateOf(ann)).toEqual([]);
    expect(await stateOf(ben)).toEqual([{ status: 'SENT', attempts: 1 }]);
  });

  it('hands over to any port, and gives up after eight tries', async () => {
    const parcels: Parcel[] = [];
    let failure: Error | null = new Error('away');
    const push: DeliveryPort = {
      port: 'PUSH',
      deliver: async (parcel) => {
        parcels.push(parcel);
        if (failure !== null) throw failure;
      },
      close: async () => undefined,
    };
    const pushing = await setNotificationStage(opened.database, [push]);
    const [host, ann] = [await pushing.user('Host'), await pushing.user('Ann')];
    const start = async (): Promise<void> => {
      const session = await pushing.conference(host);
      await pushing.attendees.join(ann, { code: session.code });
      await pushing.sessions.command(by(host), session.id, 'start');
      await pushing.tellAll();
    };
    await start();
    for (let tries = 0; tries < 9; tries += 1) {
      await pushing.room.delivering.go();
      await dueAgain();
    }
    expect(parcels).toHaveLength(8);
    expect(await stateOf(ann)).toEqual([{ status: 'FAILED', attempts: 8 }]);
    failure = new Undeliverable('the device is gone');
    await start();
    await pushing.room.delivering.go();
    expect(parcels).toHaveLength(9);
    expect(parcels[8]?.notification.type).toBe('SESSION_STARTED');
    await pushing.close();
    await pushing.kernel.close();
  });
});

/** Of every part, as a reader shows it. */
function decodedOf(body: string): string {
  return body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\r\n(?:[A-Za-z0-9+/]{4}){5,}[A-Za-z0-9+/=\r\n]*/g, (part) => Buffer.from(part, 'base64').toString());
}
