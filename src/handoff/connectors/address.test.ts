import { expect, test } from 'vitest';
import { isPublic } from './address.ts';

const addresses: readonly [address: string, verdict: boolean, reason: string][] = [
  ['93.184.215.14', true, 'public'],
  ['2606:2800:21f:cb07:6820:80da:af6b:8b2c', true, 'public, IPv6'],
  ['8.8.8.8', true, 'public'],
  ['127.0.0.1', false, 'this machine'],
  ['127.255.255.254', false, 'this machine, all of 127/8'],
  ['0.0.0.0', false, 'this machine, to some systems'],
  ['10.0.0.1', false, 'private'],
  ['172.16.0.1', false, 'private'],
  ['172.32.0.1', true, 'just past the private range'],
  ['192.168.1.1', false, 'private'],
  ['100.64.0.1', false, 'carrier-grade NAT'],
  ['169.254.169.254', false, 'link-local: the metadata service'],
  ['224.0.0.1', false, 'multicast'],
  ['255.255.255.255', false, 'broadcast'],
  ['::1', false, 'this machine'],
  ['::', false, 'unspecified'],
  ['fe80::1', false, 'link-local'],
  ['fd00:ec2::254', false, 'unique local: a metadata service'],
  ['::ffff:127.0.0.1', false, 'IPv4-mapped, this machine'],
  ['::ffff:7f00:1', false, 'the same, in hexadecimal'],
  ['::ffff:169.254.169.254', false, 'IPv4-mapped, metadata'],
  ['::ffff:8.8.8.8', true, 'IPv4-mapped, public'],
  ['64:ff9b::7f00:1', false, 'NAT64 of this machine'],
  ['2002:7f00:1::', false, '6to4 of this machine'],
  ['not an address', false, 'what is not an address is not public'],
];

test.each(addresses)('%s: %s (%s)', (address, verdict) => {
  expect(isPublic(address)).toBe(verdict);
});
