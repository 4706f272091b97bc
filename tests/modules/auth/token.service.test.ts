import { createHmac, generateKeyPairSync } from 'node:crypto';
import type { SignOptions } from 'jsonwebtoken';
import { sign } from 'jsonwebtoken';
import { TokenService } from '../../../src/modules/auth/token.service';
import { refused } from '../refused';

const SECRET = 'a-secret-for-tests-of-more-than-32-bytes';
const OPTIONS: SignOptions = { algorithm: 'HS256', issuer: 'parley', audience: 'parley-api', subject: 'usr_1' };
const MINUTE = 60;

class SettableClock {
  constructor(public seconds: number) {}
  now(): Date {
    return new Date(this.seconds * 1000);
  }
}

describe('token service', () => {
  const start = 1_800_000_000;
  let clock: SettableClock;
  let tokens: TokenService;

  beforeEach(() => {
    clock = new SettableClock(start);
    tokens = new TokenService({ jwtSecret: SECRET }, clock);
  });

  const claims = (changes: object = {}): object => ({ typ: 'access', within: 'fam', iat: start, exp: start + 15 * MINUTE, ...changes });
  const invalid = refused('UNAUTHENTICATED', 'TOKEN_INVALID');
  const verifying = (token: string) => (): unknown => tokens.verify(token);

  function raw(header: object, payload: object, key = SECRET): string {
    const text = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
  }

  it('reads back an access token as the user it was issued to', () => {
    const { token, expiresAt } = tokens.issueAccess({ userId: 'usr_1', familyId: 'fam' });
    expect(expiresAt).toEqual(new Date((start + 15 * MINUTE) * 1000));
    expect(tokens.verify(token)).toEqual({ kind: 'user', userId: 'usr_1', familyId: 'fam', expiresAt });
  });

  it('reads back an attendee token as that attendee in that session only', () => {
    const { token, expiresAt } = tokens.issueAttendee({ attendeeId: 'att_1', sessionId: 'ses_1' });
    expect(expiresAt).toEqual(new Date((start + 120 * MINUTE) * 1000));
    expect(tokens.verify(token)).toEqual({ kind: 'guest', attendeeId: 'att_1', sessionId: 'ses_1', expiresAt });
  });

  it('refuses a token past its time, with at most 30 seconds of grace', () => {
    const { token } = tokens.issueAccess({ userId: 'usr_1', familyId: 'fam' });
    clock.seconds = start + 15 * MINUTE + 29;
    expect(verifying(token)).not.toThrow();
    clock.seconds = start + 15 * MINUTE + 31;
    expect(verifying(token)).toThrow(expect.objectContaining(refused('UNAUTHENTICATED', 'TOKEN_EXPIRED')));
  });

  it('accepts what it would have made itself, so that the refusals below are for their own reason', () => {
    expect(verifying(sign(claims(), SECRET, OPTIONS))).not.toThrow();
    expect(verifying(raw({ alg: 'HS256', typ: 'JWT' }, { ...claims(), iss: 'parley', aud: 'parley-api', sub: 'usr_1' }))).not.toThrow();
  });

  it.each([
    ['text that is no token', () => 'garbage'],
    ['an empty token', () => ''],
    ['a token that is far too long', () => sign(claims({ padding: 'x'.repeat(4_000) }), SECRET, OPTIONS)],
    ['another secret', () => sign(claims(), `${SECRET}!`, OPTIONS)],
    ['another algorithm of the family', () => sign(claims(), SECRET, { ...OPTIONS, algorithm: 'HS512' })],
    ['no algorithm', () => sign(claims(), null, { ...OPTIONS, algorithm: 'none' })],
    [
      'an asymmetric algorithm',
      () => sign(claims(), generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, { ...OPTIONS, algorithm: 'RS256' }),
    ],
    ['an empty signature', () => sign(claims(), SECRET, OPTIONS).replace(/[^.]+$/, '')],
    ['another issuer', () => sign(claims(), SECRET, { ...OPTIONS, issuer: 'other' })],
    ['another audience', () => sign(claims(), SECRET, { ...OPTIONS, audience: 'other' })],
    ['no subject', () => sign(claims(), SECRET, { algorithm: 'HS256', issuer: 'parley', audience: 'parley-api' })],
    ['no expiry', () => raw({ alg: 'HS256' }, { ...claims({ exp: undefined }), iss: 'parley', aud: 'parley-api', sub: 'x' })],
    ['a fractional expiry', () => sign(claims({ exp: start + 60.5 }), SECRET, OPTIONS)],
    ['a longer life than we give', () => sign(claims({ exp: start + 15 * MINUTE + 1 }), SECRET, OPTIONS)],
    ['the year 3000', () => sign(claims({ exp: 32_503_680_000 }), SECRET, OPTIONS)],
    ['an issue time in the future', () => sign(claims({ iat: start + 60, exp: start + 120 }), SECRET, OPTIONS)],
    ['a start in the future', () => sign(claims({ nbf: start + 60 }), SECRET, OPTIONS)],
    ['an unknown type', () => sign(claims({ typ: 'refresh' }), SECRET, OPTIONS)],
    ['no type', () => sign(claims({ typ: undefined }), SECRET, OPTIONS)],
    ['a key id', () => sign(claims(), SECRET, { ...OPTIONS, keyid: '../../etc/passwd' })],
    ['a key of its own', () => sign(claims(), SECRET, { ...OPTIONS, header: { alg: 'HS256', jwk: {} } as never })],
    [
      'critical headers',
      () => raw({ alg: 'HS256', typ: 'JWT', b64: false, crit: ['b64'] }, { ...claims(), iss: 'parley', aud: 'parley-api', sub: 'x' }),
    ],
    [
      'an expiry as text',
      () => raw({ alg: 'HS256' }, { ...claims({ exp: String(start + 60) }), iss: 'parley', aud: 'parley-api', sub: 'x' }),
    ],
  ])('refuses %s', (_, forge) => {
    expect(verifying(forge())).toThrow(expect.objectContaining(invalid));
  });

  it('never takes an attendee token of two hours for an access token', () => {
    const { token } = tokens.issueAttendee({ attendeeId: 'usr_1', sessionId: 'fam' });
    expect(tokens.verify(token).kind).toBe('guest');
    expect(verifying(sign(claims({ exp: start + 120 * MINUTE }), SECRET, OPTIONS))).toThrow(expect.objectContaining(invalid));
  });
});
