import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { TrustedProxies } from '../config/config';

/** Whether what this peer says of where a request came from is believed. `hop` counts from 0, the peer of our own socket. */
export type ProxyTrust = (address: string, hop: number) => boolean;

export function proxyTrust(proxies: TrustedProxies): ProxyTrust {
  if (typeof proxies === 'number') return (_address, hop) => hop < proxies;
  const known = new BlockList();
  for (const proxy of proxies) {
    const [network = '', prefix] = proxy.split('/');
    if (prefix === undefined) known.addAddress(network, familyOf(network));
    else known.addSubnet(network, Number(prefix), familyOf(network));
  }
  return (address) => isIP(address) !== 0 && known.check(address, familyOf(address));
}

/**
 * The caller's network address: the first, going outward from our own socket, that is no trusted proxy. Each proxy appends to
 * `X-Forwarded-For` whom it was called by; whatever stands before what a trusted one appended, the caller may have written.
 */
export function addressOf(request: IncomingMessage, trust: ProxyTrust): string {
  let address = request.socket.remoteAddress ?? 'unknown';
  if (!trust(address, 0)) return address;
  for (const [hop, next] of forwardedBy(request).entries()) {
    address = next;
    if (!trust(address, hop + 1)) break;
  }
  return address;
}

/** Nearest first. */
function forwardedBy({ headers }: IncomingMessage): string[] {
  const text = [headers['x-forwarded-for'] ?? ''].flat().join(',');
  const addresses = text.split(',').map((part) => part.trim());
  return addresses.filter((address) => address !== '' && address.length <= 64).reverse();
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6';
}
