import fc from 'fast-check';
import { isoTime } from '../../src/lib/iso-time';

describe('the time in ISO 8601', () => {
  test('is what the language prints, for any time, in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.date({ noInvalidDate: true }), sameDay()), { minLength: 1, maxLength: 20 }), (times) => {
        expect(times.map(isoTime)).toEqual(times.map((time) => time.toISOString()));
      }),
    );
  });

  test.each([
    '1969-12-31T23:59:59.999Z',
    '1970-01-01T00:00:00.000Z',
    '2026-11-21T09:05:07.042Z',
    '+012345-01-01T00:00:00.001Z',
    '-000001-12-31T23:00:00.100Z',
  ])('on both sides of midnight and of the usual years: %s', (text) => {
    expect(isoTime(new Date(text))).toBe(text);
  });

  test('of an invalid date is refused, as the language does', () => {
    expect(() => isoTime(new Date(Number.NaN))).toThrow(RangeError);
    expect(isoTime(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
  });
});

function sameDay(): fc.Arbitrary<Date> {
  return fc.integer({ min: 0, max: 86_399_999 }).map((ms) => new Date(Date.UTC(2026, 10, 21) + ms));
}
