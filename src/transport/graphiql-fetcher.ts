/**
 * The playground's way to the server, as source text for the page: requests by `fetch`, subscriptions over `graphql-transport-ws`. Each
 * subscription opens a socket of its own, with the headers that its tab has at that moment, and closes it when it is stopped.
 */
export const GRAPHIQL_FETCHER = String.raw`(() => {
  const isSubscription = ({ operationName }, { definitions } = { definitions: [] }) => {
    const operations = definitions.filter(({ kind }) => kind === 'OperationDefinition');
    const chosen = operationName ? operations.find(({ name }) => name?.value === operationName) : operations[0];
    return chosen?.operation === 'subscription';
  };

  const request = async (payload, headers) => {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json', ...headers },
      body: JSON.stringify(payload),
    });
    return response.json();
  };

  const authorizationIn = (headers) => Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1];

  const subscribe = (payload, headers) => ({
    subscribe(observer) {
      const authorization = authorizationIn(headers);
      const socket = new WebSocket(location.origin.replace(/^http/, 'ws') + '/graphql', 'graphql-transport-ws');
      const send = (message) => socket.send(JSON.stringify(message));
      const stop = () => {
        socket.onclose = null;
        socket.close(1000);
      };
      socket.onopen = () => send({ type: 'connection_init', payload: authorization ? { authorization } : {} });
      socket.onclose = ({ code, reason }) => observer.error(new Error('The connection was closed: ' + code + ' ' + reason));
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(data);
        if (message.type === 'connection_ack') send({ id: '1', type: 'subscribe', payload });
        else if (message.type === 'ping') send({ type: 'pong' });
        else if (message.type === 'next') observer.next(message.payload);
        else if (message.type === 'error') {
          stop();
          observer.next({ errors: message.payload });
          observer.complete();
        } else if (message.type === 'complete') {
          stop();
          observer.complete();
        }
      };
      return { unsubscribe: stop };
    },
  });

  return (payload, { headers = {}, documentAST } = {}) =>
    isSubscription(payload, documentAST ?? undefined) ? subscribe(payload, headers ?? {}) : request(payload, headers ?? {});
})()`;
