import fc from 'fast-check';
import type { WallTime } from '../../src/lib/zoned-time';
import { instantOf, parseWallTime, timeZoneNamed, zonedTime } from '../../src/lib/zoned-time';

const at = (text: string, zone: string): string => instantOf(parseWallTime(text) as WallTime, zone).toISOString();

describe('times in a zone', () => {
  it.each([
    ['2027-01-15T09:30', 'Europe/Berlin', '2027-01-15T08:30:00.000Z', '2027-01-15T09:30:00+01:00'],
    ['2027-07-15T09:30:15', 'Europe/Berlin', '2027-07-15T07:30:15.000Z', '2027-07-15T09:30:15+02:00'],
    ['2027-07-15T09:30', 'Asia/Kathmandu', '2027-07-15T03:45:00.000Z', '2027-07-15T09:30:00+05:45'],
    ['2027-01-15T00:00', 'America/St_Johns', '2027-01-15T03:30:00.000Z', '2027-01-15T00:00:00-03:30'],
    ['2028-02-29T12:00', 'UTC', '2028-02-29T12:00:00.000Z', '2028-02-29T12:00:00+00:00'],
  ])('%s in %s is %s', (text, zone, instant, shown) => {
    expect(at(text, zone)).toBe(instant);
    expect(zonedTime(new Date(instant), zone)).toBe(shown);
  });

  it.each([
    ['2027-03-28T02:30', 'Europe/Berlin', '2027-03-28T03:30:00+02:00'],
    ['2027-03-14T02:15', 'America/New_York', '2027-03-14T03:15:00-04:00'],
    ['2027-10-03T02:10', 'Australia/Lord_Howe', '2027-10-03T02:40:00+11:00'],
    ['2011-12-30T10:00', 'Pacific/Apia', '2011-12-31T10:00:00+14:00'],
  ])('%s, which the clocks of %s skip, is as much later as they skip', (text, zone, shown) => {
    expect(zonedTime(new Date(at(text, zone)), zone)).toBe(shown);
  });

  it.each([
    ['2027-10-31T02:30', 'Europe/Berlin', '2027-10-31T02:30:00+02:00'],
    ['2027-11-07T01:00', 'America/New_York', '2027-11-07T01:00:00-04:00'],
  ])('%s, which the clocks of %s show twice, is the first', (text, zone, shown) => {
    expect(zonedTime(new Date(at(text, zone)), zone)).toBe(shown);
  });

  it('shows of every instant what leads back to it, or to the earlier one of an overlap', () => {
    const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Chatham', 'UTC');
    const seconds = fc.integer({ min: Date.UTC(2020, 0, 1) / 1_000, max: Date.UTC(2040, 0, 1) / 1_000 });
    fc.assert(
      fc.property(zones, seconds, (zone, second) => {
        const instant = new Date(second * 1_000);
        const shown = zonedTime(instant, zone);
        const back = instantOf(parseWallTime(shown.slice(0, 19)) as WallTime, zone);
        expect(Date.parse(shown)).toBe(instant.getTime());
        expect([0, 1_800_000, 3_600_000]).toContain(instant.getTime() - back.getTime());
        expect(zonedTime(back, zone).slice(0, 19)).toBe(shown.slice(0, 19));
      }),
    );
  });

  it.each(['2027-02-29T10:00', '2027-13-01T10:00', '2027-01-01T24:00', '2027-01-01', '2027-01-01T10:00Z', '2027-1-1T10:00', ''])(
    'reads no time out of "%s"',
    (text) => expect(parseWallTime(text)).toBeNull(),
  );

  it('knows zones by their names alone', () => {
    expect(['Europe/Berlin', 'europe/berlin', 'UTC', 'America/Argentina/Buenos_Aires'].map(timeZoneNamed)).toEqual([
      'Europe/Berlin',
      'Europe/Berlin',
      'UTC',
      'America/Argentina/Buenos_Aires',
    ]);
    expect(['+02:00', 'Europe/Atlantis', '', ' ', 'Mars', 'x'.repeat(500), '../etc'].map(timeZoneNamed)).toEqual(Array(7).fill(null));
  });
});
