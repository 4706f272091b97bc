/** A token and what it says take half a kilobyte: for those who come again and again, not for everybody who has a socket open. */
const MAX_REMEMBERED = 1_000;

/**
 * What tokens say whose check went well. A signature that was good stays good, and checking it is most of what a token costs; only time
 * goes by, so a token past its own is forgotten and checked like any other.
 */
export class CheckedTokens<Claims extends { readonly expiresAt: Date }> {
  private readonly claims = new Map<string, Claims>();

  find(token: string, now: Date): Claims | null {
    const claims = this.claims.get(token);
    if (claims === undefined) return null;
    if (claims.expiresAt > now) return claims;
    this.claims.delete(token);
    return null;
  }

  add(token: string, claims: Claims): Claims {
    if (this.claims.size >= MAX_REMEMBERED) this.claims.clear();
    this.claims.set(token, claims);
    return claims;
  }
}
