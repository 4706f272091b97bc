import { createHmac, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { SignOptions } from 'jsonwebtoken';
import { decode, sign } from 'jsonwebtoken';
import type { JwtKey } from '../../../src/config/jwt-keys';
import { secretJwtKey } from '../../../src/config/jwt-keys';
import { TokenService } from '../../../src/modules/auth/token.service';
import { refused } from '../refused';

const SECRET = 'a-secret-for-tests-of-more-than-32-bytes';
const MINUTE = 60;
const START = 1_800_000_000;

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const secretKey = secretJwtKey(SECRET);
const otherSecretKey = secretJwtKey(`${SECRET}!`);
const rsaKey: JwtKey = { algorithm: 'RS256', key: rsa.privateKey };
const ecKey: JwtKey = { algorithm: 'ES256', key: ec.privateKey };

class SettableClock {
  constructor(public seconds = START) {}
  now(): Date {
    return new Date(this.seconds * 1000);
  }
}

const service = (first: JwtKey, ...others: JwtKey[]): TokenService =>
  new TokenService({ jwtKeys: [first, ...others] }, new SettableClock());
const issued = (tokens: TokenService): string => tokens.issueAccess({ userId: 'usr_1', familyId: 'fam' }).token;
const headerOf = (token: string): { alg: string; kid: string } => decode(token, { complete: true })?.header as never;
const kidOf = (key: JwtKey): string => headerOf(issued(service(key))).kid;

const invalid = expect.objectContaining(refused('UNAUTHENTICATED', 'TOKEN_INVALID')) as Error;

const claims = (changes: object = {}): object => ({ typ: 'access', within: 'fam', iat: START, exp: START + 15 * MINUTE, ...changes });
const wholeClaims = (changes: object = {}): object => ({ ...claims(changes), iss: 'parley', aud: 'parley-api', sub: 'usr_1' });

/** As we would sign it, but for the changes. */
function forged(changes: object = {}, options: SignOptions = {}, key: KeyObject | string | null = SECRET): string {
  const ours: SignOptions = { algorithm: 'HS256', issuer: 'parley', audience: 'parley-api', subject: 'usr_1', keyid: kidOf(secretKey) };
  return sign(claims(changes), key as never, { ...ours, ...options });
}

/** Signed with HMAC whatever the header says, and whatever is in it. */
function raw(header: object, payload: object = wholeClaims(), key: KeyObject | string = SECRET): string {
  const text = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
}

function unsigned(alg: string): string {
  return raw({ alg, kid: kidOf(secretKey) }).replace(/[^.]+$/, '');
}

describe.each([
  ['a secret', secretKey],
  ['an RSA key', rsaKey],
  ['an EC key', ecKey],
])('tokens signed with %s', (_, key) => {
  let clock: SettableClock;
  let tokens: TokenService;

  beforeEach(() => {
    clock = new SettableClock();
    tokens = new TokenService({ jwtKeys: [key] }, clock);
  });

  it('read back as the user they were issued to', () => {
    const { token, expiresAt } = tokens.issueAccess({ userId: 'usr_1', familyId: 'fam' });
    expect(expiresAt).toEqual(new Date((START + 15 * MINUTE) * 1000));
    expect(tokens.verify(token)).toEqual({ kind: 'user', userId: 'usr_1', familyId: 'fam', expiresAt });
    expect(headerOf(token)).toEqual({ alg: key.algorithm, typ: 'JWT', kid: expect.any(String) as string });
  });

  it('read back as that attendee in that session only, with the account behind it if there is one', () => {
    const guest = tokens.issueAttendee({ attendeeId: 'att_1', sessionId: 'ses_1', userId: null });
    expect(guest.expiresAt).toEqual(new Date((START + 120 * MINUTE) * 1000));
    expect(tokens.verify(guest.token)).toEqual({ kind: 'guest', attendeeId: 'att_1', sessionId: 'ses_1', expiresAt: guest.expiresAt });
    const user = tokens.issueAttendee({ attendeeId: 'att_1', sessionId: 'ses_1', userId: 'usr_1' });
    expect(tokens.verify(user.token)).toMatchObject({ kind: 'guest', userId: 'usr_1' });
  });

  it('go by the clock when they were checked before, and by every letter', () => {
    const token = issued(tokens);
    const viewer = tokens.verify(token);
    clock.seconds += 15 * MINUTE - 1;
    expect(tokens.verify(token)).toEqual(viewer);
    expect(() => tokens.verify(token.replace(/[^.]*$/, 'AAAA'))).toThrow(invalid);
    expect(() => tokens.verify(token.replace(/[^.]*$/, ''))).toThrow(invalid);
    clock.seconds += 40;
    expect(() => tokens.verify(token)).toThrow(expect.objectContaining(refused('UNAUTHENTICATED', 'TOKEN_EXPIRED')));
  });

  it('are refused past their time, with at most 30 seconds of grace', () => {
    const token = issued(tokens);
    clock.seconds = START + 15 * MINUTE + 29;
    expect(() => tokens.verify(token)).not.toThrow();
    clock.seconds = START + 15 * MINUTE + 31;
    expect(() => tokens.verify(token)).toThrow(expect.objectContaining(refused('UNAUTHENTICATED', 'TOKEN_EXPIRED')));
  });

  it.each(['an empty signature', 'a signature of zeros', 'a changed payload'])('are refused with %s', (change) => {
    const [header, payload, signature = ''] = issued(tokens).split('.');
    const other = Buffer.from(JSON.stringify(wholeClaims({ within: 'other' }))).toString('base64url');
    const broken = {
      'an empty signature': [header, payload, ''],
      'a signature of zeros': [header, payload, 'A'.repeat(signature.length)],
      'a changed payload': [header, other, signature],
    }[change];
    expect(() => tokens.verify((broken ?? []).join('.'))).toThrow(invalid);
  });
});

describe('a token that is not ours', () => {
  const tokens = service(secretKey);
  const rsaTokens = service(rsaKey);
  const kid = kidOf(secretKey);
  const rsaPem = rsa.publicKey.export({ type: 'spki', format: 'pem' });

  it('is refused below for its own reason: as it would be right it is accepted', () => {
    expect(() => tokens.verify(forged())).not.toThrow();
    expect(() => tokens.verify(raw({ alg: 'HS256', typ: 'JWT', kid }))).not.toThrow();
  });

  it.each([
    ['text that is no token', () => 'garbage'],
    ['an empty token', () => ''],
    ['three dots', () => '...'],
    ['a header that is no JSON', () => `${Buffer.from('{').toString('base64url')}.e30.x`],
    ['a token that is far too long', () => forged({ padding: 'x'.repeat(4_000) })],
    ['another secret', () => forged({}, {}, `${SECRET}!`)],
    ['another algorithm of the family', () => forged({}, { algorithm: 'HS512' })],
    ['no algorithm', () => forged({}, { algorithm: 'none' }, null)],
    ['the algorithm None', () => unsigned('None')],
    ['the algorithm NONE', () => unsigned('NONE')],
    ['the algorithm nOnE', () => unsigned('nOnE')],
    ['RS256 where HS256 is set', () => forged({}, { algorithm: 'RS256' }, rsa.privateKey)],
    ['another issuer', () => forged({}, { issuer: 'other' })],
    ['another audience', () => forged({}, { audience: 'other' })],
    ['no subject', () => raw({ alg: 'HS256', kid }, { ...wholeClaims(), sub: undefined })],
    ['no session or sign-in', () => forged({ within: undefined })],
    ['an account that is no text', () => forged({ usr: 1 })],
    ['no expiry', () => raw({ alg: 'HS256', kid }, wholeClaims({ exp: undefined }))],
    ['an expiry as text', () => raw({ alg: 'HS256', kid }, wholeClaims({ exp: String(START + 60) }))],
    ['a fractional expiry', () => forged({ exp: START + 60.5 })],
    ['a longer life than we give', () => forged({ exp: START + 15 * MINUTE + 1 })],
    ['the year 3000', () => forged({ exp: 32_503_680_000 })],
    ['an issue time in the future', () => forged({ iat: START + 60, exp: START + 120 })],
    ['a start in the future', () => forged({ nbf: START + 60 })],
    ['a refresh token', () => forged({ typ: 'refresh' })],
    ['a token from an e-mail link', () => forged({ typ: 'email' })],
    ['no type', () => forged({ typ: undefined })],
    ['no key id', () => raw({ alg: 'HS256', typ: 'JWT' })],
    ['a key id that is a path', () => raw({ alg: 'HS256', kid: '../../dev/null' }, wholeClaims(), Buffer.alloc(32).toString())],
    ['a key id that is SQL', () => raw({ alg: 'HS256', kid: `' OR 1=1 --` })],
    ['a key id that is a URL', () => raw({ alg: 'HS256', kid: 'https://evil.example/key' })],
    ['a key id of every object', () => raw({ alg: 'HS256', kid: '__proto__' })],
    ['a key id that is no text', () => raw({ alg: 'HS256', kid: [kid] })],
    ['where keys are (jku)', () => raw({ alg: 'HS256', kid, jku: 'https://evil.example/jwks.json' })],
    ['where a certificate is (x5u)', () => raw({ alg: 'HS256', kid, x5u: 'https://evil.example/key.pem' })],
    ['a key of its own (jwk)', () => raw({ alg: 'HS256', kid, jwk: {} })],
    ['critical headers', () => raw({ alg: 'HS256', kid, b64: false, crit: ['b64'] })],
  ])('is refused: %s', (_, forge) => {
    expect(() => tokens.verify(forge())).toThrow(invalid);
  });

  it('is refused when the public key was taken for a secret', () => {
    const token = raw({ alg: 'HS256', kid: kidOf(rsaKey) }, wholeClaims(), rsaPem.toString());
    expect(() => rsaTokens.verify(token)).toThrow(invalid);
    const otherwise = raw({ alg: 'RS256', kid: kidOf(rsaKey) }, wholeClaims(), rsaPem.toString());
    expect(() => rsaTokens.verify(otherwise)).toThrow(invalid);
  });

  it('is refused when it names one key of the ring and is signed with another', () => {
    const both = service(rsaKey, secretKey);
    expect(() => both.verify(raw({ alg: 'HS256', kid }))).not.toThrow();
    expect(() => both.verify(raw({ alg: 'HS256', kid: kidOf(rsaKey) }))).toThrow(invalid);
    expect(() => both.verify(forged({}, { algorithm: 'RS256' }, rsa.privateKey))).toThrow(invalid);
  });

  it('never takes an attendee token of two hours for an access token', () => {
    const { token } = tokens.issueAttendee({ attendeeId: 'usr_1', sessionId: 'fam', userId: null });
    expect(tokens.verify(token).kind).toBe('guest');
    expect(() => tokens.verify(forged({ exp: START + 120 * MINUTE }))).toThrow(invalid);
  });
});

describe('changing the key', () => {
  it('signs with the first, and checks with all while both are there', () => {
    const before = service(secretKey);
    const announced = service(secretKey, rsaKey);
    const changed = service(rsaKey, secretKey);
    expect(() => changed.verify(issued(before))).not.toThrow();
    expect(() => announced.verify(issued(changed))).not.toThrow();
    expect(headerOf(issued(changed)).alg).toBe('RS256');
  });

  it.each([
    ['secrets', secretKey, otherSecretKey],
    ['a secret and a key', secretKey, ecKey],
    ['keys', rsaKey, ecKey],
  ])('ends the tokens of the old one when it is gone: %s', (_, old, fresh) => {
    const token = issued(service(old));
    expect(() => service(fresh, old).verify(token)).not.toThrow();
    expect(() => service(fresh).verify(token)).toThrow(invalid);
  });

  it('goes on checking with the public half alone', () => {
    const publicHalf: JwtKey = { algorithm: 'RS256', key: rsa.publicKey };
    expect(() => service(ecKey, publicHalf).verify(issued(service(rsaKey)))).not.toThrow();
  });
});

describe('public keys', () => {
  it('are those of RSA and EC, named as tokens name them, and nothing of what is private', () => {
    const keys = service(ecKey, rsaKey, secretKey).publicKeys();
    expect(keys).toEqual([
      { kty: 'EC', crv: 'P-256', x: expect.any(String), y: expect.any(String), kid: kidOf(ecKey), alg: 'ES256', use: 'sig' },
      { kty: 'RSA', n: expect.any(String), e: 'AQAB', kid: kidOf(rsaKey), alg: 'RS256', use: 'sig' },
    ]);
  });
});
