import { QuestionOrder, WALKS } from '../../../src/modules/questions/question-order';
import { pageStatement } from '../../../src/modules/questions/question.repository';
import type { QuestionPage } from '../../../src/modules/questions/question.repository';
import { asOwner, openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import type { Show, Stage } from '../stage';
import { setStage } from '../stage';
import { by } from '../by';

const QUESTIONS = 10_000;
const INDEXES: Readonly<Record<QuestionOrder, string>> = {
  PRIORITY: 'questions_session_id_pinned_score_id_idx',
  UNANSWERED: 'questions_session_id_pinned_score_id_idx',
  TOP: 'questions_session_id_upvotes_id_idx',
  NEWEST: 'questions_session_id_created_at_id_idx',
};

describe.each(testBackends())(`with ${QUESTIONS} questions in a session on %s`, (kind) => {
  let opened: TestDatabase;
  let stage: Stage;
  let show: Show;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    stage = setStage(opened.database);
    show = await stage.live();
    // Of every ten one is hidden, one waits, one was merged; the others are open.
    await opened.database.sql(
      `INSERT INTO questions (id, session_id, asker_id, sender_id, sender_name, anonymous, body, status, upvotes, score, pinned, created_at, published_at)
       SELECT 'qst_' || lpad(n::text, 26, '0'), $1, 'att_' || n % 500, 'att', 'Ann', false, 'Why?',
         (ARRAY['HIDDEN', 'PENDING', 'MERGED', 'OPEN', 'OPEN', 'OPEN', 'OPEN', 'OPEN', 'OPEN', 'ANSWERED'])[n % 10 + 1]::"QuestionStatus",
         n % 97, n % 89, n % 1000 = 3, now() - n * interval '1 second', now()
       FROM generate_series(1, $2::int) AS n`,
      [show.session.id, QUESTIONS],
    );
    await asOwner(opened.database, 'ANALYZE questions');
  });
  afterAll(async () => {
    await stage.kernel.close();
    await opened.drop();
  });

  it.each(Object.values(QuestionOrder))('a page in order %s is walked to in its index and sorted by nobody', async (order) => {
    const everybody = { sessionId: show.session.id, all: false, attendeeId: 'att_7', order, limit: 26 };
    const first: QuestionPage = { ...everybody, beyond: null };
    const rows = await stage.questions.list(by(show.host), show.session.id, first);
    const last = rows.at(-1);
    if (last === undefined) throw new Error('an empty page');
    const later: QuestionPage = { ...everybody, beyond: WALKS[order].placeOf(last) };
    for (const page of [first, later, { ...first, all: true }, { ...later, all: true }]) {
      const plan = await planOf(page);
      expect(plan).toContain(INDEXES[order]);
      expect(plan).not.toMatch(/\bSort\b|Seq Scan/);
    }
  });

  async function planOf(page: QuestionPage): Promise<string> {
    const [text, values] = pageStatement(page);
    const plan = await opened.database.sql<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values);
    return plan.map((row) => row['QUERY PLAN']).join('\n');
  }
});
