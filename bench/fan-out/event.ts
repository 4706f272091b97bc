/** About 300 bytes on the wire, as a message with its sender, ids and times is. */
const FILLER = 'x'.repeat(40);

/** The text of event n, from which subscribers read its number. */
export function bodyOf(n: number): string {
  return `#${n};${FILLER}`;
}

/** What servers without GraphQL deliver: as long as what the others make of it. */
export function eventOf(n: number): object {
  return {
    cursor: 'cursor-cursor-cursor',
    message: {
      id: 'msg_01jd0000000000000000000000',
      body: bodyOf(n),
      createdAt: '2026-11-21T10:00:00.000Z',
      sender: { id: 'usr_01jd0000000000000000000000', displayName: 'Publisher' },
    },
  };
}

/** Rooms take turns. */
export function roomOf(n: number, rooms: number): number {
  return n % rooms;
}
