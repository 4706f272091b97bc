import fc from 'fast-check';
import { parseTimestamp } from '../../src/persistence/timestamp';

/** As PostgreSQL prints it in UTC: microseconds without the zeros at their end. */
function printed(time: Date, micros: number): string {
  const fraction = `${String(time.getUTCMilliseconds()).padStart(3, '0')}${String(micros).padStart(3, '0')}`.replace(/0+$/, '');
  return `${time.toISOString().slice(0, 19).replace('T', ' ')}${fraction === '' ? '' : `.${fraction}`}+00`;
}

describe('a timestamp as PostgreSQL prints it', () => {
  test('is read to the millisecond, for any time of the usual years', () => {
    const time = fc.date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true });
    fc.assert(
      fc.property(time, fc.nat(999), (at, micros) => {
        fc.pre(at.getUTCFullYear() > 0);
        expect(parseTimestamp(printed(at, micros))).toEqual(at);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ['2026-11-21 19:40:12+00', '2026-11-21T19:40:12.000Z'],
    ['2026-11-21 19:40:12.5+00', '2026-11-21T19:40:12.500Z'],
    ['2026-11-21 19:40:12.000001+00', '2026-11-21T19:40:12.000Z'],
    ['2026-11-21 19:40:12.25+05:30', '2026-11-21T14:10:12.250Z'],
    ['2026-11-21 19:40:12-03', '2026-11-21T22:40:12.000Z'],
    ['0099-01-02 03:04:05+00', '0099-01-02T03:04:05.000Z'],
    ['12345-01-02 03:04:05+00', '+012345-01-02T03:04:05.000Z'],
    ['0044-03-15 12:00:00+00 BC', '-000043-03-15T12:00:00.000Z'],
  ])('%s', (text, iso) => {
    expect(parseTimestamp(text).toISOString()).toBe(iso);
  });

  test.each(['infinity', '-infinity'])('%s stays that', (text) => {
    expect(Number(parseTimestamp(text))).toBe(Number(text.replace('i', 'I')));
  });
});
