import type { Page, WebSocketRoute } from 'playwright-core';
import { describeInBrowser } from '../support/browser';
import { startTestApp } from '../support/test-app';
import { serveWebClient } from '../support/web-client';
import type { WebClient } from '../support/web-client';

describeInBrowser('the example web client', (browser) => {
  let webClient: WebClient;
  let app: { url: string; close(): Promise<void> };

  beforeAll(async () => {
    [webClient, app] = await Promise.all([serveWebClient(), startTestApp()]);
  }, 120_000);

  afterAll(async () => {
    await app.close();
    await webClient.close();
  });

  afterEach(async () => {
    await Promise.all(
      browser()
        .contexts()
        .map((context) => context.close()),
    );
  });

  /** Another person: nothing is shared with the other pages. */
  async function arrive(prepare: (page: Page) => Promise<void> = async () => undefined): Promise<Page> {
    const page = await (await browser().newContext()).newPage();
    page.setDefaultTimeout(15_000);
    await prepare(page);
    await page.goto(webClient.pageUrl(app.url));
    return page;
  }

  async function hostSession(title: string): Promise<{ host: Page; code: string }> {
    const host = await arrive();
    await host.getByTestId('toggle-register').click();
    const account = host.getByTestId('host-form');
    await account.getByLabel('Name').fill('Hana Host');
    await account.getByLabel('Email').fill(`${crypto.randomUUID()}@example.org`);
    await account.getByLabel('Password').fill('a long password');
    await account.getByRole('button', { name: 'Register' }).click();
    await host.getByLabel('Title').fill(title);
    await host.getByRole('button', { name: 'Start the session' }).click();
    const code = await host.getByTestId('session-code').textContent();
    return { host, code: code ?? '' };
  }

  async function join(code: string, name: string, prepare?: (page: Page) => Promise<void>): Promise<Page> {
    const page = await arrive(prepare);
    const form = page.getByTestId('join-form');
    await form.getByLabel('Code').fill(code);
    await form.getByLabel('Your name').fill(name);
    await form.getByRole('button', { name: 'Join' }).click();
    await connection(page, 'connected').waitFor();
    return page;
  }

  const connection = (page: Page, status: string) => page.locator(`[data-testid="connection"][data-status="${status}"]`);
  const message = (page: Page, text: string) => page.getByTestId('message').filter({ hasText: text });
  const question = (page: Page, text: string) => page.getByTestId('question').filter({ hasText: text });
  const votes = (page: Page, text: string, count: number) =>
    question(page, text)
      .getByTestId('upvotes')
      .filter({ hasText: new RegExp(`^${count}$`) });

  async function say(page: Page, text: string): Promise<void> {
    await page.getByLabel('Message').fill(text);
    await page.getByRole('button', { name: 'Send' }).click();
  }

  async function ask(page: Page, text: string): Promise<void> {
    await page.getByLabel('Question', { exact: true }).fill(text);
    await page.getByRole('button', { name: 'Ask' }).click();
  }

  it('shows two guests and their host each other’s messages, questions and votes', async () => {
    const { host, code } = await hostSession('Monday questions');
    const [ada, ben] = await Promise.all([join(code, 'Ada'), join(code, 'Ben')]);

    await say(ada, 'Hello from Ada');
    await say(ben, 'Hello from Ben');
    for (const page of [host, ada, ben]) {
      await message(page, 'Hello from Ada').waitFor();
      await message(page, 'Hello from Ben').waitFor();
    }

    await ask(ada, 'When is lunch?');
    await question(ben, 'When is lunch?').getByTestId('vote').click();
    for (const page of [host, ada, ben]) await votes(page, 'When is lunch?', 1).waitFor();
    await question(ada, 'When is lunch?').getByTestId('vote').click();
    for (const page of [host, ada, ben]) await votes(page, 'When is lunch?', 2).waitFor();
    expect(await question(host, 'When is lunch?').getByTestId('vote').getAttribute('aria-pressed')).toBe('false');
    expect(await question(ben, 'When is lunch?').getByTestId('vote').getAttribute('aria-pressed')).toBe('true');

    await host.getByRole('button', { name: 'Mark answered' }).click();
    await question(ben, 'answered').waitFor();
    for (const page of [host, ada, ben]) expect(await page.getByTestId('connection').textContent()).toBe('Live');
  }, 60_000);

  it('shows a guest whose connection was cut everything that was said meanwhile, once and in order', async () => {
    const { host, code } = await hostSession('A bad line');
    const line = new CuttableLine();
    const ben = await join(code, 'Ben', (page) => line.install(page));
    await say(host, 'before');
    await message(ben, 'before').waitFor();

    await line.cut();
    await connection(ben, 'disconnected').waitFor();
    await say(host, 'meanwhile one');
    await say(host, 'meanwhile two');
    await message(host, 'meanwhile two').waitFor();
    expect(await message(ben, 'meanwhile').count()).toBe(0);
    line.mend();

    await message(ben, 'meanwhile two').waitFor();
    await connection(ben, 'connected').waitFor();
    await say(host, 'after');
    await message(ben, 'after').waitFor();
    expect(await ben.locator('[data-testid="message"] .body').allTextContents()).toEqual([
      'before',
      'meanwhile one',
      'meanwhile two',
      'after',
    ]);
  }, 60_000);

  it('finds its place again after a reload', async () => {
    const { host, code } = await hostSession('Reloading');
    const ada = await join(code, 'Ada');
    await say(ada, 'still here');
    await message(ada, 'still here').waitFor();
    for (const page of [ada, host]) {
      await page.reload();
      await message(page, 'still here').waitFor();
    }
  }, 60_000);

  it('tells a guest that the code is wrong', async () => {
    const page = await arrive();
    const form = page.getByTestId('join-form');
    await form.getByLabel('Code').fill('NO-SUCH-CODE');
    await form.getByLabel('Your name').fill('Ada');
    await form.getByRole('button', { name: 'Join' }).click();
    expect(await form.getByRole('alert').textContent()).toMatch(/\w+/);
  }, 60_000);
});

/** Stands between a page and the server's socket; while it is cut, no connection is let through. */
class CuttableLine {
  private readonly open = new Set<{ page: WebSocketRoute; server: WebSocketRoute }>();
  private isCut = false;

  async install(page: Page): Promise<void> {
    await page.routeWebSocket(/\/graphql$/, async (socket) => {
      if (this.isCut) return socket.close({ code: 1012 });
      const ends = { page: socket, server: socket.connectToServer() };
      this.open.add(ends);
    });
  }

  async cut(): Promise<void> {
    this.isCut = true;
    for (const { page, server } of this.open) await Promise.all([page.close({ code: 1012 }), server.close()]);
    this.open.clear();
  }

  mend(): void {
    this.isCut = false;
  }
}
