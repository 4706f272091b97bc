import type { Page } from 'playwright-core';
import { describeInBrowser } from '../support/browser';
import type { Stage } from '../support/factories/stage';
import { setStage } from '../support/factories/stage';
import {
  AnswerQuestionDocument,
  AskQuestionDocument,
  ChannelDocument,
  SendMessageDocument,
  UpdateSessionDocument,
} from '../support/generated/graphql';
import type { TestApp } from '../support/test-app';
import { startTestApp } from '../support/test-app';

const CALLS = ['window.executed=1', 'alert(1)', "fetch('/livez?executed')", 'top.executed=1', 'eval("window.executed=1")'];
/** Ways of getting a call executed by whoever takes text for a page. */
const VESSELS: readonly ((call: string) => string)[] = [
  (call) => `<script>${call}</script>`,
  (call) => `"><script>${call}</script>`,
  (call) => `</script><script>${call}</script>`,
  (call) => `<img src=x onerror='${call}'>`,
  (call) => `'"><img src=x onerror=${call}>`,
  (call) => `<svg onload="${call}">`,
  (call) => `<svg><animate onbegin="${call}" attributeName=x dur=1s>`,
  (call) => `<body onload="${call}">`,
  (call) => `<iframe srcdoc="<script>parent.${call}</script>">`,
  (call) => `<iframe src="javascript:${call}">`,
  (call) => `<a href="javascript:${call}" autofocus onfocus="${call}">x</a>`,
  (call) => `<input autofocus onfocus="${call}">`,
  (call) => `<details open ontoggle="${call}">`,
  (call) => `<video><source onerror="${call}"></video>`,
  (call) => `<object data="javascript:${call}">`,
  (call) => `<math><mtext></form><form><mglyph><style></math><img src onerror="${call}">`,
  (call) => `[x](javascript:${call})`,
  (call) => `\${${call}}{{constructor.constructor('${call}')()}}`,
  (call) => `\u2028*/${call}/*<!--`,
  (call) => `<meta http-equiv="refresh" content="0;url=javascript:${call}">`,
];
const SCRIPTS = VESSELS.flatMap((vessel) => CALLS.map(vessel));

describeInBrowser('scripts that were stored as text', (browser) => {
  let server: TestApp;
  let stage: Stage;
  let token: string;

  beforeAll(async () => {
    server = await startTestApp();
    stage = await setStage(server.url, { title: SCRIPTS[0] ?? '', description: SCRIPTS.slice(0, 20).join('\n') });
    const guest = await stage.join(SCRIPTS[3]);
    token = guest.api.token ?? '';
    for (const body of SCRIPTS) await guest.api.run(SendMessageDocument, { input: { channelId: stage.channelId, body } });
  }, 60_000);
  afterAll(() => server.close());

  async function visit(path: string): Promise<{ page: Page; executed: () => Promise<readonly unknown[]> }> {
    const context = await browser().newContext({
      extraHTTPHeaders: { authorization: `Bearer ${token}`, 'apollo-require-preflight': 'yes' },
    });
    const page = await context.newPage();
    const traces: unknown[] = [];
    page.on('dialog', (dialog) => {
      traces.push(dialog.message());
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (request.url().includes('executed')) traces.push('a request');
    });
    await page.goto(`${server.url}${path}`);
    const executed = async (): Promise<readonly unknown[]> => [
      ...traces,
      ...(await page.evaluate(() => ('executed' in window ? ['window.executed'] : []))),
    ];
    return { page, executed };
  }

  it(`are given back as they were written, all ${SCRIPTS.length}, as JSON that no browser takes for a page`, async () => {
    expect(SCRIPTS.length).toBe(100);
    const { channel } = await stage.host.api.as(token).run(ChannelDocument, { id: stage.channelId, first: 100 });
    expect(channel?.messages.edges.map(({ node }) => node.body)).toEqual(SCRIPTS);
    const { page, executed } = await visit(`/graphql?query={channel(id:"${stage.channelId}"){messages(first:100){edges{node{body}}}}}`);
    expect(await page.evaluate(() => [document.contentType, document.querySelectorAll('script, img, iframe').length])).toEqual([
      'application/json',
      0,
    ]);
    expect(await executed()).toEqual([]);
    await page.context().close();
  });

  it('go through every other field of text as well', async () => {
    const { host, session } = stage;
    const guest = host.api.as(token);
    for (const text of SCRIPTS.slice(0, 20)) {
      const { updateSession } = await host.api.run(UpdateSessionDocument, {
        input: { sessionId: session.id, title: text, description: text },
      });
      expect(updateSession.session).toMatchObject({ title: text });
      const { askQuestion } = await guest.run(AskQuestionDocument, { input: { sessionId: session.id, body: text } });
      expect(askQuestion.question.body).toBe(text);
      const answered = await host.api.run(AnswerQuestionDocument, { input: { questionId: askQuestion.question.id, answer: text } });
      expect(answered.answerQuestion.question.answer).toBe(text);
    }
  });

  it('are shown in the playground and never run', async () => {
    const query = `{session(id:"${stage.session.id}"){title description host{displayName} attendees(first:10){edges{node{displayName}}} questions(first:20){edges{node{body answer}}}} channel(id:"${stage.channelId}"){messages(first:100){edges{node{body sender{displayName}}}}}}`;
    const { page, executed } = await visit(`/graphiql?query=${encodeURIComponent(query)}`);
    page.setDefaultTimeout(20_000);
    await page.locator('.graphiql-editor-tool .monaco-editor:visible').waitFor();
    const answer = page.waitForResponse(
      (response) => response.url().endsWith('/graphql') && response.request().postData()?.includes('messages') === true,
    );
    await page.locator('button.graphiql-execute-button').click();
    expect(await (await answer).text()).toContain('window.executed=1');
    await page.locator('.result-window').getByText('displayName').first().waitFor();
    expect(await executed()).toEqual([]);
    await page.context().close();
  });

  it('would not run on our pages even if they got into one: scripts by hash alone, none inline', async () => {
    const { headers } = await fetch(`${server.url}/graphiql`);
    const policy = headers.get('content-security-policy') ?? '';
    expect(/script-src ([^;]*)/.exec(policy)?.[1]).toMatch(/^'sha256-[\w+/]+='$/);
    const { page, executed } = await visit('/graphiql');
    await page.evaluate(
      (scripts) => {
        for (const script of scripts) document.body.insertAdjacentHTML('beforeend', script);
      },
      SCRIPTS.filter((script) => !script.includes('javascript:')),
    );
    await page.waitForFunction(() => [...document.images].every(({ complete }) => complete));
    expect(await executed()).toEqual([]);
    await page.context().close();
  });
});
