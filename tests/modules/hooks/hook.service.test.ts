import { Webhook } from 'standardwebhooks';
import { hookReceived } from '../../../src/modules/hooks/hook.events';
import { HookRepository } from '../../../src/modules/hooks/hook.repository';
import type { Delivery } from '../../../src/modules/hooks/hook.service';
import { HookService, RECEIPTS_KEPT_MS } from '../../../src/modules/hooks/hook.service';
import type { StreamEvent } from '../../../src/realtime/event';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import type { TestKernel } from '../../support/test-kernel';
import { createTestKernel } from '../../support/test-kernel';
import { refused } from '../refused';

const SECRET = Buffer.from('a-secret-of-the-sender-of-32-byt').toString('base64');
const NEXT_SECRET = Buffer.from('the-next-secret-of-the-sender-32').toString('base64');
const OTHER_SECRET = Buffer.from('a-secret-that-nobody-has-agreed-').toString('base64');
const BODY = '{"type":"invoice.paid","amount":12345678901234567890}';
const MINUTE_MS = 60_000;

interface Signing {
  readonly source?: string;
  readonly id?: string;
  readonly body?: string;
  readonly secret?: string;
  readonly at?: Date;
}

let ids = 0;

function signed({ source = 'payments', id = `msg_${(ids += 1)}`, body = BODY, secret = SECRET, at = new Date() }: Signing = {}): Delivery {
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, at, body),
  };
  return { source, headers, body: Buffer.from(body) };
}

function idOf({ headers }: Delivery): string {
  return String(headers['webhook-id']);
}

describe.each(testBackends())('webhooks that come in on %s', (kind) => {
  let opened: TestDatabase;
  let kernel: TestKernel;
  let hooks: HookService;

  const createHooks = (): HookService =>
    new HookService(kernel, new HookRepository(), { payments: [SECRET, NEXT_SECRET], shop: [OTHER_SECRET] });
  /** What the stream holds of what was sent under this id. */
  const kept = async (messageId: string, source = 'payments'): Promise<StreamEvent[]> => {
    const events = await kernel.log.read(`hooks:${source}`, 0, 1_000);
    return events.filter((event) => hookReceived.read(event).messageId === messageId);
  };

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    kernel = createTestKernel(opened.database);
    hooks = createHooks();
  });
  afterAll(async () => {
    await kernel.close();
    await opened.drop();
  });

  it('are kept as they were signed, for consumers to follow', async () => {
    const delivery = signed({ id: 'msg_first' });
    expect(await hooks.receive(delivery)).toBe('accepted');
    expect(await kept('msg_first')).toMatchObject([{ type: 'hook.received', payload: { messageId: 'msg_first', body: BODY } }]);
  });

  it('are kept once, however often they come', async () => {
    const delivery = signed();
    expect(await hooks.receive(delivery)).toBe('accepted');
    for (let again = 0; again < 3; again += 1) expect(await hooks.receive(delivery)).toBe('duplicate');
    expect(await kept(idOf(delivery))).toHaveLength(1);
  });

  it('are kept once when they are tried again later, with a signature of their own', async () => {
    expect(await hooks.receive(signed({ id: 'msg_retried', at: new Date(Date.now() - MINUTE_MS) }))).toBe('accepted');
    expect(await hooks.receive(signed({ id: 'msg_retried' }))).toBe('duplicate');
    expect(await kept('msg_retried')).toHaveLength(1);
  });

  it('are kept once when they come fifty times at once, to two instances', async () => {
    const [other, delivery] = [createHooks(), signed()];
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? hooks : other).receive(delivery)));
    expect(answers.filter((answer) => answer === 'accepted')).toHaveLength(1);
    expect(await kept(idOf(delivery))).toHaveLength(1);
  });

  it('may have the same id when they come from different sources', async () => {
    expect(await hooks.receive(signed({ id: 'msg_same' }))).toBe('accepted');
    expect(await hooks.receive(signed({ id: 'msg_same', source: 'shop', secret: OTHER_SECRET }))).toBe('accepted');
    expect(await kept('msg_same', 'shop')).toHaveLength(1);
  });

  it('may be signed with either secret while it is changed', async () => {
    expect(await hooks.receive(signed({ secret: NEXT_SECRET }))).toBe('accepted');
    const [{ headers, ...old }, next] = [signed({ id: 'msg_both' }), signed({ id: 'msg_both', secret: NEXT_SECRET })];
    const both = `v1,AAAA ${String(next.headers['webhook-signature'])}`;
    expect(await hooks.receive({ ...old, headers: { ...headers, 'webhook-signature': both } })).toBe('accepted');
  });

  it('are kept when their time is off by less than five minutes', async () => {
    for (const offMs of [-4.9 * MINUTE_MS, 4.9 * MINUTE_MS]) {
      expect(await hooks.receive(signed({ at: new Date(Date.now() + offMs) }))).toBe('accepted');
    }
  });

  const whole = signed({ id: 'msg_whole' });
  const withHeader = (name: string, value: string | undefined): Delivery => ({ ...whole, headers: { ...whole.headers, [name]: value } });

  it.each<[string, () => Delivery]>([
    ['a secret that is not theirs', () => signed({ secret: OTHER_SECRET })],
    ['the secret of another source', () => signed({ source: 'shop' })],
    ['a source that nobody has set up', () => signed({ source: 'nobody' })],
    ['a source that is a name of JavaScript', () => signed({ source: '__proto__' })],
    ['a time too long ago', () => signed({ at: new Date(Date.now() - 5.1 * MINUTE_MS) })],
    ['a time too far ahead', () => signed({ at: new Date(Date.now() + 5.1 * MINUTE_MS) })],
    ['another time than was signed', () => withHeader('webhook-timestamp', String(Math.floor(Date.now() / 1000) + 60))],
    ['a time that is none', () => withHeader('webhook-timestamp', 'now')],
    ['another id than was signed', () => withHeader('webhook-id', 'msg_other')],
    ['an id with a dot, which could be read in two ways', () => signed({ id: 'msg.1' })],
    ['an id that is too long', () => signed({ id: 'm'.repeat(201) })],
    ['a body that was changed', () => ({ ...whole, body: Buffer.from(BODY.replace('12', '13')) })],
    ['a body with a space more', () => ({ ...whole, body: Buffer.from(`${BODY} `) })],
    ['a body that was cut off', () => ({ ...whole, body: whole.body.subarray(0, -1) })],
    ['no body', () => ({ ...whole, body: Buffer.alloc(0) })],
    ['bytes that are no text', () => ({ ...signed({ body: '\ufffd' }), body: Buffer.from([0xff]) })],
    ['no signature', () => withHeader('webhook-signature', undefined)],
    ['an empty signature', () => withHeader('webhook-signature', 'v1,')],
    [
      'a signature of another version',
      () => withHeader('webhook-signature', String(whole.headers['webhook-signature']).replace('v1', 'v2')),
    ],
    ['a signature without its version', () => withHeader('webhook-signature', String(whole.headers['webhook-signature']).slice(3))],
    ['no id', () => withHeader('webhook-id', undefined)],
    ['no time', () => withHeader('webhook-timestamp', undefined)],
  ])('are refused, and nothing is kept, with %s', async (_what, delivery) => {
    const counts = `SELECT (SELECT count(*) FROM hook_receipts) AS receipts, (SELECT count(*) FROM events) AS events`;
    const before = await opened.database.sql(counts);
    await expect(hooks.receive(delivery())).rejects.toMatchObject(refused('UNAUTHENTICATED', 'SIGNATURE_INVALID'));
    expect(await opened.database.sql(counts)).toEqual(before);
  });

  it.each(['not json', '{"a":', ''])('are refused when what was signed is not JSON: %j', async (body) => {
    const delivery = signed({ body });
    await expect(hooks.receive(delivery)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await kept(idOf(delivery))).toEqual([]);
  });

  it.each(['{"a":"\\u0000"}', '{"a":"\\ud800"}', '"text"', 'null', '{"__proto__":{"x":1}}'])(
    'keep JSON that the database would refuse: %s',
    async (body) => {
      const delivery = signed({ body });
      expect(await hooks.receive(delivery)).toBe('accepted');
      expect(await kept(idOf(delivery))).toMatchObject([{ payload: { body } }]);
    },
  );

  it('leave no receipt when they could not be recorded', async () => {
    const failing = new HookService(
      { unitOfWork: Object.assign(Object.create(kernel.unitOfWork) as typeof kernel.unitOfWork, { run: failLate(kernel) }) },
      new HookRepository(),
      { payments: [SECRET] },
    );
    const delivery = signed();
    await expect(failing.receive(delivery)).rejects.toThrow('late');
    expect(await hooks.receive(delivery)).toBe('accepted');
  });

  it('are forgotten by and by, long after their signatures are worth nothing', async () => {
    await hooks.receive(signed({ id: 'msg_old' }));
    await opened.database.sql(`UPDATE hook_receipts SET received_at = now() - $1::float8 * interval '1 ms'`, [
      RECEIPTS_KEPT_MS + MINUTE_MS,
    ]);
    await hooks.receive(signed({ id: 'msg_new' }));
    const receipts = await opened.database.sql<{ id: string }>('SELECT message_id AS id FROM hook_receipts');
    expect(receipts).toEqual([{ id: 'msg_new' }]);
  });
});

/** Everything is done, and then the transaction fails. */
function failLate({ unitOfWork }: TestKernel): TestKernel['unitOfWork']['run'] {
  return (work) =>
    unitOfWork.run(async (tx) => {
      await work(tx);
      throw new Error('late');
    });
}
