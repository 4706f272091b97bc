import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { ApolloProvider } from '@apollo/client/react';
import { OperationTypeNode } from 'graphql';
import { createContext, useContext, useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { createParleyClient } from '../../../client/resume';
import type { ConnectionStatus, ParleyClient } from '../../../client/resume';
import { tokenSource } from './identity';
import type { Identity } from './identity';
import { httpUrl, wsUrl } from './server';

interface Connection {
  readonly apollo: ApolloClient;
  /** For streams with a cursor; Apollo's own subscriptions go over the same socket. */
  readonly parley: ParleyClient;
}

/** One connection is one identity: whoever signs in, joins or leaves gets a new one, with an empty cache. */
function connect(identity: Identity, onStatus: (status: ConnectionStatus) => void): Connection {
  const token = tokenSource(identity);
  const parley = createParleyClient({ url: wsUrl, token, onStatus, idleMs: 1_000 });
  const authorization = new SetContextLink(async ({ headers }) => {
    const bearer = await token();
    return { headers: bearer === null ? headers : { ...headers, authorization: `Bearer ${bearer}` } };
  });
  const link = ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(parley.connection),
    authorization.concat(new HttpLink({ uri: httpUrl })),
  );
  return { parley, apollo: new ApolloClient({ link, cache: new InMemoryCache() }) };
}

const ParleyContext = createContext<{ parley: ParleyClient; status: ConnectionStatus } | null>(null);

/** Give it a `key` of the identity: what stands below must never be shown on another identity's connection. */
export function ConnectionProvider({ identity, children }: { identity: Identity; children: ReactNode }) {
  const [connection, setConnection] = useState<Connection | null>(null);
  const [status, setStatus] = useState<ConnectionStatus>('disconnected');

  useEffect(() => {
    const opened = connect(identity, setStatus);
    setConnection(opened);
    return () => {
      opened.apollo.stop();
      void opened.parley.dispose();
    };
  }, [identity]);

  if (!connection) return null;
  return (
    <ParleyContext value={{ parley: connection.parley, status }}>
      <ApolloProvider client={connection.apollo}>{children}</ApolloProvider>
    </ParleyContext>
  );
}

export function useParley(): { parley: ParleyClient; status: ConnectionStatus } {
  const value = useContext(ParleyContext);
  if (!value) throw new Error('useParley needs a ConnectionProvider above it.');
  return value;
}
