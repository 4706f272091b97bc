import WebSocket from 'ws';

/** One publisher on a WebSocket of its own; `write` makes the frame, every answer acknowledges the oldest that waits. */
export async function publisher(url: string, protocol: string | undefined, hello: readonly string[], write: (n: number) => string) {
  const socket = new WebSocket(url, protocol, { perMessageDeflate: false });
  const waiting: (() => void)[] = [];
  await new Promise((resolve) => socket.once('open', resolve));
  for (const message of hello) {
    socket.send(message);
    await new Promise((resolve) => socket.once('message', resolve));
  }
  socket.on('message', (data: Buffer) => {
    if (protocol === undefined || data.includes('"next"')) waiting.shift()?.();
  });
  const publish = (n: number): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve);
      socket.send(write(n));
    });
  return { publish, close: () => socket.terminate() };
}
