import { ApiClient } from '../support/api-client';
import { AskQuestionDocument } from '../support/generated/graphql';
import { setStage } from '../support/factories/stage';
import { startTestApp } from '../support/test-app';
import type { TestApp } from '../support/test-app';

describe('the answer of joinSession', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it('is read as the attendee that whoever asked has become', async () => {
    const stage = await setStage(app.url);
    await stage.host.api.run(AskQuestionDocument, { input: { sessionId: stage.session.id, body: 'Why?', anonymous: false } });
    const { json } = await new ApiClient(app.url).post({
      query: `mutation ($input: JoinSessionInput!) {
        joinSession(input: $input) { session { viewerAttendee { displayName } attendees { totalCount } questions { totalCount edges { node { body } } } } }
      }`,
      variables: { input: { code: stage.session.code, displayName: 'Ann' } },
    });
    expect(json).toEqual({
      data: {
        joinSession: {
          session: {
            viewerAttendee: { displayName: 'Ann' },
            attendees: { totalCount: 2 },
            questions: { totalCount: 1, edges: [{ node: { body: 'Why?' } }] },
          },
        },
      },
    });
  });
});
