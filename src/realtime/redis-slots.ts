const SLOTS = 16_384;
const POLYNOMIAL = 0x1021;

/** What CLUSTER SLOTS answers: first and last slot, the master, and its replicas. A node that does not know its own name says null. */
type SlotsReply = readonly (readonly [first: number, last: number, master: readonly [host: string | null, port: number]])[];

/** Which master of a cluster serves which hash slot, as one of its nodes sees it. Masters are told by `host:port`. */
export class SlotMap {
  readonly masters: ReadonlySet<string>;

  private constructor(private readonly owners: readonly (string | undefined)[]) {
    this.masters = new Set(owners.filter((owner) => owner !== undefined));
  }

  /** From the answer to CLUSTER SLOTS of the node at `asked`. Throws when it is none, or when nobody serves anything. */
  static read(reply: unknown, asked: string): SlotMap {
    const owners = Array.from<string | undefined>({ length: SLOTS });
    for (const [first, last, [host, port]] of reply as SlotsReply) {
      owners.fill(host ? addressOf(host, port) : asked, first, last + 1);
    }
    const map = new SlotMap(owners);
    if (map.masters.size === 0) throw new Error('No node of the cluster serves a slot.');
    return map;
  }

  /** Whether every slot has a master. */
  get complete(): boolean {
    return !this.owners.includes(undefined);
  }

  ownerOf(key: string): string | undefined {
    return this.owners[slotOf(key)];
  }
}

/** The hash slot of a key or channel: of what stands in its first braces, when there is something, else of all of it. */
export function slotOf(key: string): number {
  const open = key.indexOf('{');
  const close = open === -1 ? -1 : key.indexOf('}', open + 1);
  return crc16(close > open + 1 ? key.slice(open + 1, close) : key) % SLOTS;
}

/** `host:port` of a Redis URL. */
export function addressIn(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port || '6379'}`;
}

/** The URL of another node, which takes the same user and password and speaks TLS or not as this one does. */
export function urlAt(address: string, likeUrl: string): string {
  const url = new URL(likeUrl);
  url.host = address;
  return url.href;
}

function addressOf(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** CRC-16/XMODEM. */
function crc16(text: string): number {
  let crc = 0;
  for (const byte of Buffer.from(text)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc << 1) ^ (crc & 0x8000 ? POLYNOMIAL : 0);
  }
  return crc & 0xffff;
}
