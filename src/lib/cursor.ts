/**
 * Opaque cursors. A cursor is not a secret and not trusted: whoever decodes one validates what it says.
 * The text is base64url of `tag|part|part…`; the tag keeps a cursor of one list from being read in another.
 */
export function encodeCursor(tag: string, parts: readonly (string | number)[]): string {
  return Buffer.from([tag, ...parts].join('|'), 'utf8').toString('base64url');
}

/** The parts of a cursor made with this tag, or null when it is anything else. */
export function decodeCursor(tag: string, cursor: string, count: number): string[] | null {
  if (cursor.length > 512 || !/^[A-Za-z0-9_-]+$/.test(cursor)) return null;
  const [found, ...parts] = Buffer.from(cursor, 'base64url').toString('utf8').split('|');
  return found === tag && parts.length === count ? parts : null;
}
