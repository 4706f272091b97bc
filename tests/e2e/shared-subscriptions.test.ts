import fc from 'fast-check';
import { parse } from 'graphql';
import { DeliveryGroup } from '../../src/realtime/delivery-group';
import type { ApiClient, Carrier, Follower } from '../support/api-client';
import type { Stage } from '../support/factories/stage';
import { setStage } from '../support/factories/stage';
import {
  DeleteMessageDocument,
  EditMessageDocument,
  OnChannelEventsDocument,
  PollChannelEventsDocument,
  SendMessageDocument,
} from '../support/generated/graphql';
import type { OnChannelEventsSubscription } from '../support/generated/graphql';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { waitFor } from '../support/wait-for';

type ChannelEvent = OnChannelEventsSubscription['channelEvents'];

/** The host, and each guest, by the way its subscriptions go. */
const CARRIERS: readonly Carrier[] = ['ws', 'sse', 'ws', 'sse-single'];
const VIEWERS = CARRIERS.length;
const PAGE = 100;

/** The host or a guest of one of two sessions. */
interface Viewer {
  readonly stage: Stage;
  readonly api: ApiClient;
}

class Watch {
  private readonly follower: Follower<OnChannelEventsSubscription>;

  constructor(private readonly viewer: Viewer) {
    this.follower = viewer.api.follow(OnChannelEventsDocument, { channelId: viewer.stage.channelId });
  }

  get events(): ChannelEvent[] {
    expect(this.follower.errors).toEqual([]);
    return this.follower.received.map(({ channelEvents }) => channelEvents);
  }

  /** What the same viewer gets by polling from the same place. */
  async polled(): Promise<ChannelEvent[]> {
    const events = this.events.slice(0, 1);
    for (;;) {
      const after = events.at(-1)!.cursor;
      const page = await this.viewer.api.run(PollChannelEventsDocument, { channelId: this.viewer.stage.channelId, after, first: PAGE });
      events.push(...page.channelEvents);
      if (page.channelEvents.length < PAGE) return events;
    }
  }

  stop(): void {
    this.follower.stop();
  }
}

/** What was live when it was written, and is erased in the log since: the text of messages deleted later. */
function withoutErased(events: readonly ChannelEvent[]): ChannelEvent[] {
  const deleted = new Map(
    events.flatMap((event) => (event.__typename === 'MessageDeleted' ? [[event.message.id, event.message] as const] : [])),
  );
  return events.map((event) => ('message' in event ? { ...event, message: deleted.get(event.message.id) ?? event.message } : event));
}

const action = fc.record({
  who: fc.nat(2 * VIEWERS - 1),
  what: fc.constantFrom('send', 'send', 'send', 'edit', 'delete'),
  which: fc.nat(50),
  text: fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }),
});

describe('subscriptions that share', () => {
  let app: TestApp;
  let viewers: Viewer[];
  const joined = jest.spyOn(DeliveryGroup.prototype, 'join');

  beforeAll(async () => {
    app = await startTestApp();
    const stages = [await setStage(app.url), await setStage(app.url)];
    viewers = [];
    for (const stage of stages) {
      const [hosts, ...guests] = CARRIERS;
      viewers.push({ stage, api: stage.host.api.over(hosts!) });
      for (const carrier of guests) viewers.push({ stage, api: (await stage.join()).api.over(carrier) });
    }
  });
  afterAll(async () => {
    await Promise.all(viewers.map(({ api }) => api.close()));
    await waitFor(() => app.app.fanOutStats().subscribers === 0, { what: 'every subscription ended' });
    await app.close();
    joined.mockRestore();
  });

  it('tell each viewer what polling tells it, for any viewers and any interleaving of what they do', async () => {
    const property = fc.asyncProperty(
      fc.subarray([...Array(2 * VIEWERS).keys()], { minLength: 2 }),
      fc.array(fc.array(action, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 8 }),
      async (watching, rounds) => {
        const watches = watching.map((index) => new Watch(viewers[index]!));
        await waitFor(() => watches.every((watch) => watch.events.length > 0), { what: 'everyone attached' });
        const written = viewers.map((): string[] => []);
        for (const round of rounds) {
          if (round.length === 3) watches.push(new Watch(viewers[round[0]!.who]!));
          await Promise.all(round.map((each) => act(viewers[each.who]!, each, written[each.who]!)));
        }
        for (const watch of watches) {
          const expected = await pollOf(watch);
          await waitFor(() => watch.events.length >= expected.length, { what: 'all events' });
          expect(withoutErased(watch.events)).toEqual(withoutErased(expected));
        }
        for (const watch of watches) watch.stop();
        await waitFor(() => app.app.fanOutStats().subscribers === 0, { what: 'everyone gone' });
      },
    );
    joined.mockClear();
    await fc.assert(property, { numRuns: 40 });
    expect(joined.mock.calls.length).toBeGreaterThan(80);
  }, 120_000);

  it('share one group for equal operations of one channel, and none across channels', async () => {
    joined.mockClear();
    const watches = viewers.map((viewer) => new Watch(viewer));
    await waitFor(() => watches.every((watch) => watch.events.length > 0), { what: 'everyone attached' });
    await waitFor(() => joined.mock.calls.length === viewers.length, { what: 'everyone in a group' });
    const groups = [...new Set(joined.mock.contexts as DeliveryGroup<unknown>[])];
    expect(groups.map((group) => group.size)).toEqual([VIEWERS, VIEWERS]);
    for (const watch of watches) watch.stop();
    await waitFor(() => groups.every((group) => group.size === 0), { what: 'nobody in a group' });
  });

  it('get each its own rendering, of as many different documents as there are', async () => {
    const [{ stage, api }] = viewers as [Viewer, ...Viewer[]];
    const followers = Array.from({ length: 15 }, (_, n) =>
      api.follow<{ [name: string]: unknown }, Record<string, unknown>>(
        parse(`subscription ($id: ID!) { e${n}: channelEvents(channelId: $id) { __typename } }`),
        {
          id: stage.channelId,
        },
      ),
    );
    await waitFor(() => followers.every(({ received }) => received.length === 1), { what: 'everyone attached' });
    await api.run(SendMessageDocument, { input: { channelId: stage.channelId, body: 'Hello, all.' } });
    await waitFor(() => followers.every(({ received }) => received.length === 2), { what: 'the message' });
    followers.forEach(({ received }, n) => expect(received[1]).toEqual({ [`e${n}`]: { __typename: 'MessageAdded' } }));
    for (const follower of followers) follower.stop();
  });

  const pollOf = async (watch: Watch): Promise<ChannelEvent[]> => {
    await waitFor(() => watch.events.length > 0, { what: 'the opening' });
    return watch.polled();
  };
});

async function act(
  { stage, api }: Viewer,
  { what, which, text }: { what: string; which: number; text: string },
  own: string[],
): Promise<void> {
  const messageId = own[which % Math.max(1, own.length)];
  if (what === 'send' || messageId === undefined) {
    const sent = await api.ask(SendMessageDocument, { input: { channelId: stage.channelId, body: text } });
    if (sent.data !== null) own.push(sent.data.sendMessage.message.id);
  } else if (what === 'edit') await api.ask(EditMessageDocument, { input: { messageId, body: text } });
  else await api.ask(DeleteMessageDocument, { input: { messageId } });
}
