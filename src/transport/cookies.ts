import type { IncomingHttpHeaders } from 'node:http';
import type { DomainError } from '../errors/domain-error';
import { forbidden } from '../errors/domain-error';
import type { TrustedPages } from './origins';
import { mayUseCookies } from './origins';

/** What our cookies keep: the two tokens of a sign-in, and a secret that tells this browser from others on its way to a provider. */
export type CookieName = 'access' | 'refresh' | 'browser';

/** A sign-in as cookies keep it. */
export interface CookieSignIn {
  readonly user: { readonly id: string; readonly displayName: string };
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAt: Date;
  readonly refreshExpiresAt: Date;
}

/**
 * Never to be read by a page, and never sent along by another site's. `__Host-` also keeps a neighbouring host from planting them; it
 * demands `Secure`, so on plain http, on a developer's machine, they go without.
 */
export class Cookies {
  constructor(
    private readonly secure: boolean,
    private readonly pages: TrustedPages,
  ) {}

  read(headers: IncomingHttpHeaders, name: CookieName): string | null {
    const wanted = `${this.nameOf(name)}=`;
    const found = headers.cookie?.split(';').find((pair) => pair.trimStart().startsWith(wanted));
    return found?.trim().slice(wanted.length) || null;
  }

  write(name: CookieName, value: string, expiresAt: Date): string {
    const seconds = Math.max(0, Math.round((expiresAt.getTime() - Date.now()) / 1_000));
    return `${this.nameOf(name)}=${value}; Max-Age=${seconds}; Path=/; HttpOnly; SameSite=Lax${this.secure ? '; Secure' : ''}`;
  }

  writeSignIn({ accessToken, refreshToken, expiresAt, refreshExpiresAt }: CookieSignIn): string[] {
    return [this.write('access', accessToken, expiresAt), this.write('refresh', refreshToken, refreshExpiresAt)];
  }

  eraseSignIn(): string[] {
    return [this.write('access', '', new Date(0)), this.write('refresh', '', new Date(0))];
  }

  /**
   * The `Authorization` of a request: its own, or what its cookie stands for. A cookie that comes from a page which may not use it is
   * refused rather than passed over, so that nobody takes it for a sign-in that does not work.
   */
  authorizationOf(headers: IncomingHttpHeaders): string | null {
    if (headers.authorization !== undefined) return headers.authorization;
    if (this.areMisused(headers)) throw originNotAllowed();
    return this.authorizationIn(headers);
  }

  /** What the cookie stands for, whoever sent it. */
  authorizationIn(headers: IncomingHttpHeaders): string | null {
    const accessToken = this.read(headers, 'access');
    return accessToken && `Bearer ${accessToken}`;
  }

  /** Whether a page that may not use them sends along the cookies of somebody who is signed in. */
  areMisused(headers: IncomingHttpHeaders): boolean {
    return this.read(headers, 'access') !== null && !mayUseCookies(headers, this.pages);
  }

  /** For what sets cookies, or works by them alone. */
  requireTrusted(headers: IncomingHttpHeaders): void {
    if (!mayUseCookies(headers, this.pages)) throw originNotAllowed();
  }

  private nameOf(name: CookieName): string {
    return `${this.secure ? '__Host-' : ''}parley-${name}`;
  }
}

function originNotAllowed(): DomainError {
  return forbidden('ORIGIN_NOT_ALLOWED', 'This page may not use the cookies of this server.');
}
