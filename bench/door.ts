import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A door before servers, as a balancer is: everybody who comes in is led to one of them, and can be thrown out at once. */
export interface Door {
  readonly url: string;
  /** Where newcomers are led from now on. */
  leadTo(url: string): void;
  /** Resets every connection. */
  cutAll(): void;
  close(): Promise<void>;
}

export async function openDoor(first: string): Promise<Door> {
  let target = new URL(first);
  const inside = new Set<Socket>();
  const server = createServer((guest) => {
    const host = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [guest, host],
      [host, guest],
    ] as const) {
      one.setNoDelay(true);
      one.on('error', () => undefined);
      one.on('close', () => other.destroy());
      one.pipe(other);
    }
    inside.add(guest);
    guest.on('close', () => inside.delete(guest));
  });
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo: (url) => (target = new URL(url)),
    cutAll: () => inside.forEach((guest) => guest.resetAndDestroy()),
    close: () =>
      new Promise((resolve) => {
        inside.forEach((guest) => guest.destroy());
        server.close(() => resolve());
      }),
  };
}
