import { once } from 'node:events';
import { connect } from 'node:net';

/** Says one thing after the other on a connection of its own, each when the one before was answered; hangs up, and gives what it heard. */
export async function exchange(url: string, said: readonly Buffer[]): Promise<Buffer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const heard: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => heard.push(chunk));
  // A reset is an answer, too.
  socket.on('error', () => undefined);
  for (const [index, bytes] of said.entries()) {
    if (index > 0) await Promise.race([once(socket, 'data'), closed]);
    socket.write(bytes);
  }
  socket.end();
  await closed;
  return Buffer.concat(heard);
}
