import { useApolloClient, useMutation, useQuery } from '@apollo/client/react';
import { useLayoutEffect, useRef } from 'react';
import { Field, Form } from './form';
import { ChannelEventsDocument, MessagesDocument, SendMessageDocument } from './generated/graphql';
import type { MessagePartsFragment } from './generated/graphql';
import { useStream } from './use-stream';

interface ChatProps {
  readonly channelId: string;
  /** Whose messages are "mine": a user's id, or a guest's attendee id. */
  readonly participantId: string;
  readonly isOpen: boolean;
}

export function Chat({ channelId, participantId, isOpen }: ChatProps) {
  const messages = useMessages(channelId);
  const [sendMessage] = useMutation(SendMessageDocument);
  const list = useRef<HTMLOListElement>(null);

  useLayoutEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [messages.length]);

  const submit = async ({ body = '' }: Record<string, string>) => {
    await sendMessage({ variables: { input: { channelId, body, clientId: crypto.randomUUID() } } });
  };

  return (
    <section className="panel" aria-labelledby="chat-title">
      <h2 id="chat-title">Chat</h2>
      <ol className="messages" ref={list} data-testid="messages" aria-live="polite">
        {messages.map((message) => (
          <MessageLine key={message.id} message={message} isMine={message.sender.id === participantId} />
        ))}
      </ol>
      {messages.length === 0 && <p className="empty">Nobody has said anything yet.</p>}
      {isOpen && (
        <Form submitLabel="Send" onSubmit={submit} testId="message-form" className="line-form">
          <Field name="body" label="Message" maxLength={4000} autoComplete="off" placeholder="Say something" />
        </Form>
      )}
    </section>
  );
}

/** History first, then everything after it, in the channel's order: a message is shown when the stream brings it, also to its sender. */
function useMessages(channelId: string): MessagePartsFragment[] {
  const client = useApolloClient();
  const query = { query: MessagesDocument, variables: { channelId } };
  const { data } = useQuery(MessagesDocument, { variables: { channelId }, fetchPolicy: 'cache-only' });

  useStream(
    ChannelEventsDocument,
    'channelEvents',
    { channelId },
    {
      read: async ({ first, recovered }) => {
        if (first || !recovered) await client.query({ ...query, fetchPolicy: 'network-only' });
      },
      onEvent: (event) =>
        client.cache.updateQuery(query, (known) => {
          if (!known?.channel || !('message' in event)) return known;
          const { cursor, message } = event;
          const { edges } = known.channel.messages;
          const edge = { __typename: 'MessageEdge' as const, cursor, node: message };
          const isKnown = edges.some(({ node }) => node.id === message.id);
          const next = isKnown ? edges.map((now) => (now.node.id === message.id ? { ...now, node: message } : now)) : [...edges, edge];
          return { ...known, channel: { ...known.channel, messages: { ...known.channel.messages, edges: next } } };
        }),
    },
  );

  return data?.channel?.messages.edges.map(({ node }) => node) ?? [];
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

function MessageLine({ message, isMine }: { message: MessagePartsFragment; isMine: boolean }) {
  return (
    <li className={isMine ? 'message mine' : 'message'} data-testid="message">
      <p className="byline">
        <strong>{message.sender.displayName}</strong> <time dateTime={message.createdAt}>{TIME.format(new Date(message.createdAt))}</time>
      </p>
      <p className="body">
        {message.deletedAt === null ? message.body : <em>Deleted</em>}
        {message.editedAt !== null && message.deletedAt === null && <small> (edited)</small>}
      </p>
    </li>
  );
}
