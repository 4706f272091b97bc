const UNSEEN = /\p{Cf}/gu;
/** `example[.]com`, `example (dot) com`. */
const HIDDEN_DOT = /\s{0,3}[[({]\s{0,3}(?:\.|dot|punkt|punto|point)\s{0,3}[\])}]\s{0,3}/giu;
const LABEL = '[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]{0,61}[\\p{L}\\p{N}])?';
/** With a scheme or `www.` whatever follows is a host; else what ends as hosts usually do. */
const HOST = new RegExp(`(https?://|www\\.)?((?:${LABEL}\\.){1,8}\\p{L}{2,24})(?![\\p{L}\\p{N}-])`, 'giu');
const SCHEME_AND_ADDRESS = /https?:\/\/(?:\d{1,3}\.){3}\d{1,3}|https?:\/\/\[[0-9a-f:]+\]/iu;
const USUAL_ENDS = new Set(
  (
    'com net org info biz io co app dev ai me tv gg ly to cc ru cn de fr uk eu us nl pl br in it es ch at be se no fi dk cz ua jp kr au ca ' +
    'xyz top club shop store online site website space live icu vip work click link buzz fun tk ml ga cf gq pw ws su edu gov page blog'
  ).split(' '),
);

/** The hosts that a text links to, or names so that people can go there, in lower case. */
export function hostsIn(text: string): string[] {
  const plain = text.normalize('NFKC').replace(UNSEEN, '').replace(HIDDEN_DOT, '.');
  const named = [...plain.matchAll(HOST)].flatMap(([, scheme, host = '']) => {
    const lower = host.toLowerCase();
    return scheme !== undefined || USUAL_ENDS.has(lower.slice(lower.lastIndexOf('.') + 1)) ? [lower] : [];
  });
  const address = SCHEME_AND_ADDRESS.exec(plain);
  return address === null ? named : [...named, address[0].toLowerCase()];
}

/** Allowed are the hosts of the list and what lies below them. */
export function isAllowedHost(host: string, allowed: readonly string[]): boolean {
  return allowed.some((known) => host === known || host.endsWith(`.${known}`));
}
