/** What one tab of the playground holds; variables and headers are JSON text. */
export interface GraphiqlTab {
  readonly query: string;
  readonly variables?: string;
  readonly headers?: string;
}

const HEADERS = JSON.stringify({ Authorization: 'Bearer <token>' }, null, 2);

const WELCOME = `# Parley: live sessions over GraphQL.
# Choose an operation with the button, or put the cursor into it
# and press Ctrl-Enter.
#
# 1. Register, or log in as the seeded host: copy accessToken.
# 2. Tab CreateSession: put it into Headers (below the editor),
#    create and start a session.
# 3. Tab JoinSession: join with its code. The answer holds a token
#    of your own, for this session alone.
# 4. Tab Chat: subscribe with either token, then send messages
#    from the other tabs.

mutation Register {
  register(input: { email: "ada@example.org", password: "correct horse battery", displayName: "Ada" }) {
    accessToken
    expiresAt
    user { id displayName }
  }
}

mutation Login {
  login(input: { email: "host@parley.example", password: "parley-host" }) {
    accessToken
    refreshToken
    user { id displayName }
  }
}
`;

const HOST = `# Headers: { "Authorization": "Bearer <accessToken>" }

mutation CreateSession {
  createSession(input: { title: "Ask me anything", capacity: 100 }) {
    session { id code status channel { id } }
  }
}

mutation StartSession($sessionId: ID!) {
  startSession(sessionId: $sessionId) {
    session { id status startedAt }
  }
}

query Questions($sessionId: ID!) {
  session(id: $sessionId) {
    title
    attendeeCount
    questions(first: 10, orderBy: PRIORITY) {
      edges { node { id body upvotes downvotes score status } }
    }
  }
}

mutation EndSession($sessionId: ID!) {
  endSession(sessionId: $sessionId) {
    session { id status endedAt }
  }
}
`;

const GUEST = `# A guest needs no account: joining gives a token for this one session.
# Headers, once joined: { "Authorization": "Bearer <token>" }

mutation JoinSession($code: String!) {
  joinSession(input: { code: $code, displayName: "Grace" }) {
    token
    attendee { id displayName }
    session { id title channel { id } }
  }
}

# The same clientId again is the same message: a retry is harmless.
mutation SendMessage($channelId: ID!) {
  sendMessage(input: { channelId: $channelId, body: "Hello, everybody", clientId: "hello-1" }) {
    message { id createdAt }
  }
}

mutation AskQuestion($sessionId: ID!) {
  askQuestion(input: { sessionId: $sessionId, body: "Will there be a recording?" }) {
    question { id body status }
  }
}

mutation VoteQuestion($questionId: ID!) {
  voteQuestion(input: { questionId: $questionId, value: UP }) {
    question { id upvotes viewerVote }
  }
}
`;

const LIVE = `# Headers: { "Authorization": "Bearer <token>" }
# Keep the last cursor: passed as $after it brings exactly what was missed.

subscription Chat($channelId: ID!, $after: StreamCursor) {
  channelEvents(channelId: $channelId, after: $after) {
    __typename
    ... on StreamOpened { cursor recovered }
    ... on MessageAdded { cursor message { id body sender { displayName } } }
  }
}

subscription Session($sessionId: ID!, $after: StreamCursor) {
  sessionEvents(sessionId: $sessionId, after: $after) {
    __typename
    ... on StreamEvent { cursor at }
  }
}

subscription Votes($sessionId: ID!) {
  questionTallies(sessionId: $sessionId) {
    questionId
    upvotes
    downvotes
    score
  }
}
`;

const SESSION_ID = JSON.stringify({ sessionId: 'ses_…' }, null, 2);

/** What each role does first, ready to run. */
export const EXAMPLE_TABS: readonly GraphiqlTab[] = [
  { query: WELCOME },
  { query: HOST, variables: SESSION_ID, headers: HEADERS },
  {
    query: GUEST,
    variables: JSON.stringify({ code: '…', channelId: 'chn_…', sessionId: 'ses_…', questionId: 'qst_…' }, null, 2),
    headers: '',
  },
  { query: LIVE, variables: JSON.stringify({ channelId: 'chn_…', sessionId: 'ses_…', after: null }, null, 2), headers: HEADERS },
];
