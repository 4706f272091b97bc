import type { TypedDocumentNode } from '@apollo/client';
import { useApolloClient } from '@apollo/client/react';
import { print } from 'graphql';
import { useEffect, useEffectEvent, useState } from 'react';
import type { StreamEventOf, StreamItem } from '../../../client/resume';
import { useParley } from './connection';

export type StreamState = 'opening' | 'live' | 'ended' | 'failed';

export interface StreamHandlers<Item extends StreamItem> {
  /** Read the state. Events wait until it has been read, so none can be missed and none is overtaken. */
  readonly read: (opening: { readonly first: boolean; readonly recovered: boolean }) => Promise<unknown>;
  readonly onEvent: (event: StreamEventOf<Item>) => void;
}

/** Follows a durable stream for as long as the component is shown, over every reconnect. */
export function useStream<Field extends string, Item extends StreamItem, Variables extends { after?: unknown }>(
  document: TypedDocumentNode<Record<Field, Item>, Variables>,
  field: Field,
  variables: Omit<Variables, 'after'>,
  handlers: StreamHandlers<Item>,
): StreamState {
  const { parley } = useParley();
  const { cache } = useApolloClient();
  const [state, setState] = useState<StreamState>('opening');
  const read = useEffectEvent(handlers.read);
  const onEvent = useEffectEvent(handlers.onEvent);
  const key = JSON.stringify(variables);

  useEffect(() => {
    const ending = new AbortController();
    let first = true;
    const followed = parley.follow<Item>(
      // With the `__typename`s that Apollo's cache asks for.
      { query: print(cache.transformDocument(document)), variables: JSON.parse(key) as Record<string, unknown>, field },
      {
        signal: ending.signal,
        onOpened: async ({ recovered }) => {
          await read({ first, recovered });
          first = false;
          setState('live');
        },
        onEvent: (event) => onEvent(event),
        onError: () => setState('failed'),
      },
    );
    void followed.then(() => setState((now) => (now === 'failed' || ending.signal.aborted ? now : 'ended')));
    return () => ending.abort();
  }, [parley, cache, document, field, key]);

  return state;
}
