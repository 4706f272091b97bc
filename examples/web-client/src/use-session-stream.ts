import { useApolloClient, useSubscription } from '@apollo/client/react';
import {
  QuestionPartsFragmentDoc,
  QuestionsDocument,
  QuestionTalliesDocument,
  SessionDocument,
  SessionEventsDocument,
} from './generated/graphql';
import type { QuestionPartsFragment } from './generated/graphql';
import { useStream } from './use-stream';
import type { StreamState } from './use-stream';

/** Keeps the cache's session and questions as they are on the server. */
export function useSessionStream(sessionId: string): StreamState {
  const client = useApolloClient();
  const { cache } = client;
  const variables = { sessionId };

  // Tallies are state without a cursor: the newest is all that matters, and what was missed is read again at each opening below.
  useSubscription(QuestionTalliesDocument, {
    variables,
    ignoreResults: true,
    onData: ({ data: { data } }) => {
      if (!data) return;
      const { questionId, upvotes, downvotes, score } = data.questionTallies;
      cache.modify({
        id: cache.identify({ __typename: 'Question', id: questionId }),
        fields: { upvotes: () => upvotes, downvotes: () => downvotes, score: () => score },
      });
    },
  });

  const addQuestion = (question: QuestionPartsFragment) => {
    cache.writeFragment({ fragment: QuestionPartsFragmentDoc, fragmentName: 'QuestionParts', data: question });
    cache.updateQuery({ query: QuestionsDocument, variables }, (data) => {
      if (!data?.session || data.session.questions.edges.some(({ node }) => node.id === question.id)) return data;
      const edge = { __typename: 'QuestionEdge' as const, cursor: '', node: question };
      const questions = { ...data.session.questions, edges: [...data.session.questions.edges, edge] };
      return { ...data, session: { ...data.session, questions } };
    });
  };

  return useStream(SessionEventsDocument, 'sessionEvents', variables, {
    read: ({ first }) =>
      Promise.all([
        client.query({ query: QuestionsDocument, variables, fetchPolicy: 'network-only' }),
        first ? null : client.query({ query: SessionDocument, variables, fetchPolicy: 'network-only' }),
      ]),
    onEvent: (event) => {
      // A session's new facts reach every component by the cache alone: Apollo finds it by its id.
      if ('session' in event) cache.updateQuery({ query: SessionDocument, variables }, (data) => merged(data, event.session));
      if ('question' in event) addQuestion(event.question);
    },
  });
}

function merged<Data extends { session: object | null }>(data: Data | null, session: object): Data | null {
  return data?.session ? { ...data, session: { ...data.session, ...session } } : data;
}
