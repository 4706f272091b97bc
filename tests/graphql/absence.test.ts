import { ABSENCE_BEAT_MS, tellsOfAbsence, untilBeat } from '../../src/graphql/absence';
import type { PublicErrorCode } from '../../src/graphql/error-format';
import type { Payload } from '../../src/graphql/operation';

/** Timers and clocks round. */
const ROUNDING_MS = 1;

describe('an answer tells of an absence', () => {
  it.each<[string, Payload, boolean]>([
    ['with NOT_FOUND, wherever it stands', failing('FORBIDDEN', 'NOT_FOUND'), true],
    ['with a null at the root', { data: { viewer: { id: 'usr_1' }, node: null } }, true],
    ['with a gap in a list at the root', { data: { nodes: [{ id: 'usr_1' }, null] } }, true],
    ['not with what is found', { data: { session: { description: null, tags: [null] } } }, false],
    ['not with an empty list', { data: { nodes: [] } }, false],
    ['not with another refusal', failing('FORBIDDEN'), false],
  ])('%s', (_name, payload, tells) => {
    expect(tellsOfAbsence(payload)).toBe(tells);
  });
});

describe('a beat', () => {
  it.each([
    [0, 1],
    [7, 1],
    [ABSENCE_BEAT_MS + 3, 2],
  ])('after %d ms ends with beat %d', async (elapsed, beats) => {
    const startedAt = performance.now() - elapsed;
    await untilBeat(startedAt);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(beats * ABSENCE_BEAT_MS - ROUNDING_MS);
  });
});

function failing(...codes: PublicErrorCode[]): Payload {
  return { errors: codes.map((code) => ({ message: 'No.', extensions: { code, requestId: 'req' } })) };
}
