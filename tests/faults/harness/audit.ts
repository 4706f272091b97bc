/** What the database holds of a channel, in its order. */
export interface ChannelBook {
  readonly messages: readonly { readonly id: string; readonly clientId: string | null; readonly offset: number }[];
  readonly events: readonly { readonly messageId: string; readonly offset: number }[];
}

export interface Witnessed {
  /** Message ids by client id, of each writer. */
  readonly acknowledged: readonly ReadonlyMap<string, string>[];
  /** Message ids in order of arrival, of each reader who was there from the beginning. */
  readonly received: readonly (readonly string[])[];
}

/** Everything that contradicts the promises: durable, once, in order, complete. In words, and empty when all is well. */
export function audit(book: ChannelBook, { acknowledged, received }: Witnessed): string[] {
  return [...auditWrites(book, acknowledged), ...auditLog(book), ...received.flatMap((ids, reader) => auditReader(book, ids, reader))];
}

function auditWrites({ messages }: ChannelBook, writers: Witnessed['acknowledged']): string[] {
  const stored = new Map<string, string[]>();
  for (const { id, clientId } of messages) stored.set(clientId ?? id, [...(stored.get(clientId ?? id) ?? []), id]);
  const promised = writers.flatMap((acknowledged) => [...acknowledged]);
  const known = new Set(promised.map(([clientId]) => clientId));
  return [
    ...promised.flatMap(([clientId, id]) =>
      stored.get(clientId)?.includes(id) === true ? [] : [`${clientId} was acknowledged and is not there`],
    ),
    ...[...stored].flatMap(([clientId, ids]) => (ids.length === 1 ? [] : [`${clientId} is there ${ids.length} times`])),
    ...[...stored.keys()].flatMap((clientId) => (known.has(clientId) ? [] : [`${clientId} is there and nobody was told`])),
  ];
}

function auditLog({ messages, events }: ChannelBook): string[] {
  const gaps = events.flatMap(({ offset }, index) =>
    index === 0 || offset === events[index - 1]!.offset + 1 ? [] : [`a gap before ${offset}`],
  );
  const same =
    messages.length === events.length &&
    messages.every(({ id, offset }, at) => events[at]?.messageId === id && events[at]?.offset === offset);
  return same ? gaps : [...gaps, `the log has ${events.length} events for ${messages.length} messages, or another order`];
}

function auditReader({ events }: ChannelBook, received: readonly string[], reader: number): string[] {
  const heard = new Set(received);
  const missing = events.filter(({ messageId }) => !heard.has(messageId)).length;
  const problems = [
    ...(missing > 0 ? [`misses ${missing} of ${events.length}`] : []),
    ...(received.length > heard.size ? [`has ${received.length - heard.size} twice`] : []),
    ...(missing === 0 && received.length === events.length && !events.every(({ messageId }, at) => received[at] === messageId)
      ? ['has another order']
      : []),
    ...(heard.size > events.length ? [`has ${heard.size - events.length} that the log has not`] : []),
  ];
  return problems.map((problem) => `reader ${reader} ${problem}`);
}
