const DAY_MS = 86_400_000;
const CLOCK_LENGTH = 'Thh:mm:ss.sssZ'.length;
const [ZERO = 0, COLON = 0, POINT = 0, T = 0, Z = 0] = Buffer.from('0:.TZ');

let lastDay = Number.NaN;
let date = '';

/**
 * What `toISOString` gives, at a quarter of its price: times that are printed together are mostly of one day, whose date is worked out once.
 */
export function isoTime(time: Date): string {
  const day = Math.floor(time.getTime() / DAY_MS);
  if (day !== lastDay) {
    date = time.toISOString().slice(0, -CLOCK_LENGTH);
    lastDay = day;
  }
  return date + clock(time.getTime() - day * DAY_MS);
}

/** From character codes: a string that is joined from small ones must be written out before it can be sent. */
function clock(ofDay: number): string {
  const ms = ofDay % 1_000;
  const seconds = (ofDay - ms) / 1_000;
  const s = seconds % 60;
  const m = Math.floor(seconds / 60) % 60;
  const h = Math.floor(seconds / 3_600);
  return String.fromCharCode(
    T,
    tens(h),
    ones(h),
    COLON,
    tens(m),
    ones(m),
    COLON,
    tens(s),
    ones(s),
    POINT,
    ZERO + Math.floor(ms / 100),
    tens(ms % 100),
    ones(ms),
    Z,
  );
}

function tens(number: number): number {
  return ZERO + Math.floor(number / 10);
}

function ones(number: number): number {
  return ZERO + (number % 10);
}
