import type { IncomingMessage } from 'node:http';
import type { TrustedProxies } from '../../src/config/config';
import { addressOf, proxyTrust } from '../../src/transport/address';

function seen(proxies: TrustedProxies, peer: string, forwarded?: string | string[]): string {
  const request = { socket: { remoteAddress: peer }, headers: { 'x-forwarded-for': forwarded } } as unknown as IncomingMessage;
  return addressOf(request, proxyTrust(proxies));
}

test.each<[string, TrustedProxies, string, string | string[] | undefined, string]>([
  ['no proxy: what is forwarded is the words of a stranger', 0, '198.51.100.9', '6.6.6.6', '198.51.100.9'],
  ['one proxy: what it appended', 1, '10.0.0.1', '6.6.6.6, 198.51.100.9', '198.51.100.9'],
  ['one proxy that appended nothing: the proxy itself', 1, '10.0.0.1', undefined, '10.0.0.1'],
  ['two proxies: what the outer one appended', 2, '10.0.0.1', '6.6.6.6, 198.51.100.9, 10.0.0.2', '198.51.100.9'],
  ['two proxies, over several headers', 2, '10.0.0.1', ['6.6.6.6, 198.51.100.9', '10.0.0.2'], '198.51.100.9'],
  ['two proxies, and somebody who came in behind the outer one', 2, '10.0.0.1', '198.51.100.9', '198.51.100.9'],
  ['by network: the first outside of it', ['10.0.0.0/8'], '10.0.0.1', '6.6.6.6, 198.51.100.9, 10.1.1.1', '198.51.100.9'],
  ['by network: a peer outside of it says nothing', ['10.0.0.0/8'], '198.51.100.9', '6.6.6.6', '198.51.100.9'],
  ['by network, seen through IPv6', ['10.0.0.0/8'], '::ffff:10.0.0.1', '198.51.100.9', '198.51.100.9'],
  ['by an IPv6 network', ['2001:db8::/32'], '2001:db8::1', '2001:db9::5', '2001:db9::5'],
  ['by address', ['192.0.2.7'], '192.0.2.7', '198.51.100.9', '198.51.100.9'],
  ['something that is no address is nobody trusted', ['10.0.0.0/8'], '10.0.0.1', '6.6.6.6, unknown', 'unknown'],
  ['longer than any address: left out', 1, '10.0.0.1', `${'9'.repeat(65)}`, '10.0.0.1'],
])('%s', (_title, proxies, peer, forwarded, address) => {
  expect(seen(proxies, peer, forwarded)).toBe(address);
});
