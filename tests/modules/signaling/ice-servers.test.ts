import { execFileSync } from 'node:child_process';
import { iceServersFor } from '../../../src/modules/signaling/ice-servers';

const config = {
  stunUrls: ['stun:stun.example.org:3478'],
  turnUrls: ['turn:a.example.org:3478', 'turns:b.example.org:5349'],
  turnSecret: 'north',
};
const now = new Date('2026-11-21T10:00:00.500Z');

describe('ice servers', () => {
  it('gives TURN credentials as coturn checks them, for an hour', () => {
    const [stun, turn] = iceServersFor(config, 'att_1', now);
    expect(stun).toEqual({ urls: config.stunUrls, username: null, credential: null, expiresAt: null });
    const username = `${Date.UTC(2026, 10, 21, 11) / 1_000}:att_1`;
    const theirs = execFileSync('openssl', ['dgst', '-sha1', '-hmac', 'north', '-binary'], { input: username }).toString('base64');
    expect(turn).toEqual({ urls: config.turnUrls, username, credential: theirs, expiresAt: new Date('2026-11-21T11:00:00Z') });
  });

  it('is empty when nothing is configured', () => {
    expect(iceServersFor({ stunUrls: [], turnUrls: [], turnSecret: null }, 'att_1', now)).toEqual([]);
  });
});
