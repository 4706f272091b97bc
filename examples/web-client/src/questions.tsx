import { useMutation, useQuery } from '@apollo/client/react';
import { Field, Form } from './form';
import { AnswerQuestionDocument, AskQuestionDocument, QuestionsDocument, VoteQuestionDocument } from './generated/graphql';
import type { QuestionPartsFragment } from './generated/graphql';

interface QuestionsProps {
  readonly sessionId: string;
  readonly isHost: boolean;
  readonly isOpen: boolean;
}

/** Shows what `useSessionStream` keeps in the cache. */
export function Questions({ sessionId, isHost, isOpen }: QuestionsProps) {
  const { data } = useQuery(QuestionsDocument, { variables: { sessionId }, fetchPolicy: 'cache-only' });
  const [askQuestion] = useMutation(AskQuestionDocument);
  const questions = (data?.session?.questions.edges ?? []).map(({ node }) => node).filter(isShown);

  const submit = async ({ body = '' }: Record<string, string>) => {
    await askQuestion({ variables: { input: { sessionId, body, anonymous: false, clientId: crypto.randomUUID() } } });
  };

  return (
    <section className="panel" aria-labelledby="questions-title">
      <h2 id="questions-title">Questions</h2>
      <ol className="questions" data-testid="questions">
        {questions.sort(byPriority).map((question) => (
          <QuestionCard key={question.id} question={question} isHost={isHost} isOpen={isOpen} />
        ))}
      </ol>
      {questions.length === 0 && <p className="empty">No questions yet.</p>}
      {isOpen && (
        <Form submitLabel="Ask" onSubmit={submit} testId="question-form" className="line-form">
          <Field name="body" label="Question" maxLength={1000} autoComplete="off" placeholder="Ask a question" />
        </Form>
      )}
    </section>
  );
}

function QuestionCard({ question, isHost, isOpen }: { question: QuestionPartsFragment; isHost: boolean; isOpen: boolean }) {
  const [answerQuestion] = useMutation(AnswerQuestionDocument);
  const isAnswered = question.status === 'ANSWERED';

  return (
    <li className="question" data-testid="question">
      <VoteButton question={question} isOpen={isOpen} />
      <div className="question-text">
        <p className="body">{question.body}</p>
        <p className="byline">
          {question.asker?.displayName ?? 'Anonymous'}
          {isAnswered && <span className="badge status-live">answered</span>}
        </p>
        {question.answer !== null && <p className="answer">{question.answer}</p>}
      </div>
      {isHost && isOpen && !isAnswered && (
        <button type="button" className="quiet" onClick={() => void answerQuestion({ variables: { input: { questionId: question.id } } })}>
          Mark answered
        </button>
      )}
    </li>
  );
}

function VoteButton({ question: { id, upvotes, viewerVote }, isOpen }: { question: QuestionPartsFragment; isOpen: boolean }) {
  const [voteQuestion, { loading }] = useMutation(VoteQuestionDocument);
  const isMine = viewerVote === 'UP';
  const toggle = () => void voteQuestion({ variables: { input: { questionId: id, value: isMine ? 'NONE' : 'UP' } } });

  return (
    <button
      type="button"
      className="vote"
      aria-pressed={isMine}
      aria-label={`Vote for this question, ${upvotes} so far`}
      data-testid="vote"
      disabled={!isOpen || loading}
      onClick={toggle}
    >
      <span aria-hidden="true">▲</span>
      <span data-testid="upvotes">{upvotes}</span>
    </button>
  );
}

function isShown({ status }: QuestionPartsFragment): boolean {
  return status === 'OPEN' || status === 'ANSWERED' || status === 'PENDING';
}

/** The server's order: a score does not change with time, so it can be compared here. */
function byPriority(a: QuestionPartsFragment, b: QuestionPartsFragment): number {
  return Number(b.pinned) - Number(a.pinned) || b.score - a.score;
}
