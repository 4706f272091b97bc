import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import { waitFor } from './wait-for';

/** On a busy machine. */
const MEDIA_PATIENCE_MS = 20_000;

/** Chromium with a camera and a microphone that are not there, on the loopback interface alone. */
export const WEBRTC_ARGUMENTS = [
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--autoplay-policy=no-user-gesture-required',
];

export interface Seat {
  /** Of Parley. */
  readonly url: string;
  readonly sessionId: string;
  readonly token: string;
  readonly attendeeId: string;
}

/** What a page knows of one of its connections. */
export interface Received {
  readonly connectionState: string;
  readonly audioPackets: number;
  readonly videoFrames: number;
  /** From the first offer to `connected`, in milliseconds; null until then. */
  readonly setUpMs: number | null;
  /** How often the ICE credentials of the other side have changed. */
  readonly restarts: number;
  readonly signals: readonly string[];
}

interface PageParty {
  open(seat: Seat): Promise<void>;
  connect(attendeeId: string, media: boolean): Promise<void>;
  accept(media: boolean): void;
  restart(attendeeId: string): void;
  received(attendeeId: string): Promise<Received>;
}

declare global {
  interface Window {
    party: PageParty;
  }
}

/** The page's half: Parley's own client file and a party around it, as scripts of the page. */
function scripts(): string {
  const sources = ['../../client/peer.ts', 'webrtc-party.ts'].map((file) => readFileSync(resolve(__dirname, file), 'utf8'));
  const { outputText } = transpileModule(sources.join('\n').replaceAll(/^import .*;$/gm, ''), {
    compilerOptions: { module: ModuleKind.ESNext, target: ScriptTarget.ES2022 },
  });
  return outputText;
}

/** One person's browser, as far as WebRTC is concerned: signals go through Parley's GraphQL on a socket, and nothing else does. */
export class WebrtcPage {
  private constructor(
    private readonly page: Page,
    readonly attendeeId: string,
  ) {}

  /** `pageUrl` is any page; of a loopback address, so that the browser gives it a camera. */
  static async open(browser: Browser, pageUrl: string, seat: Seat): Promise<WebrtcPage> {
    const page = await (await browser.newContext({ permissions: ['camera', 'microphone'] })).newPage();
    await page.goto(pageUrl);
    await page.addScriptTag({ content: scripts(), type: 'module' });
    await page.waitForFunction(() => 'party' in window);
    await page.evaluate((given) => window.party.open(given), seat);
    return new WebrtcPage(page, seat.attendeeId);
  }

  /** Calls another: sends the first offer. */
  connect(to: WebrtcPage, { media = true } = {}): Promise<void> {
    return this.page.evaluate(([id, sends]) => window.party.connect(id, sends), [to.attendeeId, media] as const);
  }

  /** Whether whoever offers gets a camera and a microphone back. */
  accept({ media }: { readonly media: boolean }): Promise<void> {
    return this.page.evaluate((sends) => window.party.accept(sends), media);
  }

  restart(with_: WebrtcPage): Promise<void> {
    return this.page.evaluate((id) => window.party.restart(id), with_.attendeeId);
  }

  /** Waits until more than this has come from the other. */
  async waitForMedia(from: WebrtcPage, more: Partial<Received> = {}): Promise<Received> {
    const { audioPackets = 0, videoFrames = 0, restarts = 0 } = more;
    let now = await this.received(from);
    const hasCome = async (): Promise<boolean> => {
      now = await this.received(from);
      const isMore = now.audioPackets > audioPackets && now.videoFrames > videoFrames && now.restarts >= restarts;
      return now.connectionState === 'connected' && now.setUpMs !== null && isMore;
    };
    await waitFor(hasCome, { what: 'media', timeoutMs: MEDIA_PATIENCE_MS }).catch((error: unknown) => {
      throw new Error(`No media: ${JSON.stringify(now)}`, { cause: error });
    });
    return now;
  }

  received(from: WebrtcPage): Promise<Received> {
    return this.page.evaluate((id) => window.party.received(id), from.attendeeId);
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}
