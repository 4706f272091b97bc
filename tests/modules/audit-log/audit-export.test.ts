import { toCsv } from '../../../src/modules/audit-log/audit-export';

const COMMAND = `cmd|' /C calc'!A0`;
const FORMULAS = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'].flatMap((start) => [
  `${start}${COMMAND}`,
  `${start}1+1`,
  `${start}HYPERLINK("http://evil.example","x")`,
]);

/** RFC 4180, read back without the library that wrote it. */
function cellsOf(csv: string): string[] {
  return [...csv.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n"]*))(?:,|\r\n)/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '',
  );
}

test.each(FORMULAS)('a cell that a spreadsheet would run begins with an apostrophe: %j', (formula) => {
  expect(cellsOf(toCsv([['before', formula, 'after']]))).toEqual(['before', `'${formula}`, 'after']);
});

test.each(['a,b', 'say "hello"', 'two\r\nlines', '', ' space ', 'ünï©ode 🎉', "'=1", '1-2', '{"a":"=1"}'])(
  'any other cell is as it was: %j',
  (text) => {
    expect(cellsOf(toCsv([['x', text, 'y']]))).toEqual(['x', text, 'y']);
  },
);
