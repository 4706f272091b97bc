import { describeInBrowser } from '../support/browser';
import { setStage } from '../support/factories/stage';
import type { Guest, Stage } from '../support/factories/stage';
import { servePage } from '../support/page-server';
import type { PageServer } from '../support/page-server';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';
import { WEBRTC_ARGUMENTS, WebrtcPage } from '../support/webrtc-page';

describeInBrowser(
  'two browsers',
  (browser) => {
    let app: TestApp;
    let front: PageServer;
    let stage: Stage;

    beforeAll(async () => {
      [app, front] = await Promise.all([startTestApp(), servePage()]);
      stage = await setStage(app.url);
    }, 60_000);
    afterAll(() => Promise.all([app.close(), front.close()]));

    const open = ({ api, attendee }: Guest): Promise<WebrtcPage> =>
      WebrtcPage.open(browser(), front.url, {
        url: app.url,
        sessionId: stage.session.id,
        token: api.token ?? '',
        attendeeId: attendee.id,
      });

    it('see and hear each other by signals alone, and again after an ICE restart', async () => {
      const [ada, bob] = await Promise.all([stage.join('Ada').then(open), stage.join('Bob').then(open)]);
      await ada.connect(bob);
      const [first] = await Promise.all([bob.waitForMedia(ada), ada.waitForMedia(bob)]);
      expect(first.signals).toEqual(expect.arrayContaining(['< OFFER', '> ANSWER', '< ICE_CANDIDATE', '> ICE_CANDIDATE']));

      await bob.restart(ada);
      const [second] = await Promise.all([bob.waitForMedia(ada, { ...first, restarts: 1 }), ada.waitForMedia(bob, { restarts: 1 })]);
      expect(second.signals).toContain('> ICE_RESTART');
      expect(second.signals.filter((signal) => signal.startsWith('!'))).toEqual([]);
    });
  },
  WEBRTC_ARGUMENTS,
);
