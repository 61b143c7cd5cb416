import { lookup as resolve } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Refused before a connection: the address is of a private network, of this machine, or of a cloud's metadata service. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';
  readonly address: string;

  constructor(address: string) {
    super(`${address} is an address of a private network or of this machine`);
    this.address = address;
  }
}

/** What is not public: IANA's special-purpose registries, and the IPv6 forms that carry an IPv4 address. */
const notPublic = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Azure's platform, which answers at a public address.
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  notPublic.addSubnet(network, bits, 'ipv4');
}
for (const [network, bits] of [
  ['::', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  notPublic.addSubnet(network, bits, 'ipv6');
}

/** Whether an IP address may be reached without `allow_private`. IPv4 inside IPv6 (`::ffff:127.0.0.1`) counts as what it carries. */
export function isPublic(address: string): boolean {
  // A zone names a link of this machine.
  const family = address.includes('%') ? 0 : isIP(address);
  if (family === 0) return false;
  return !notPublic.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** A name lookup for `net.connect` that passes on public addresses only: what was checked is what is connected to. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, '', 0);
    const allowed = addresses.filter(({ address }) => isPublic(address));
    const [first] = allowed;
    if (first === undefined) {
      return callback(new PrivateAddressError(addresses[0]?.address ?? hostname), '', 0);
    }
    return options.all ? callback(null, allowed) : callback(null, first.address, first.family);
  });
};

/**
 * The address of a host, for connections that take one: what was checked is what is connected to. Throws
 * PrivateAddressError where it is not public and `allowPrivate` is not set, and what the resolver throws.
 */
export async function addressOf(hostname: string, allowPrivate: boolean): Promise<string> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const all = isIP(host) === 0 ? await lookup(host, { all: true }) : [{ address: host }];
  const allowed = allowPrivate ? all : all.filter(({ address }) => isPublic(address));
  const [first] = allowed;
  if (first === undefined) throw new PrivateAddressError(all[0]?.address ?? host);
  return first.address;
}
