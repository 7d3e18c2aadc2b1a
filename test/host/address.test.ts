import { describe, expect, test } from 'vitest'
import { isLoopback, isNetwork, isPublic, networksOf } from '../../src/host/address.ts'

describe('of the internet', () => {
  test.each([
    '1.1.1.1',
    '8.8.8.8',
    '140.82.121.3',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.0.1',
    '223.255.255.255',
    '2606:50c0:8000::153',
    '2a00:1450:4001:81b::200e',
    '2600::',
  ])('is %s', (address) => {
    expect(isPublic(address)).toBe(true)
  })
})

describe('not of the internet', () => {
  test.each([
    ['this network', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['the machine itself', '127.0.0.1'],
    ['the machine itself', '127.255.255.254'],
    ['the machine itself', '::1'],
    ['no address', '::'],
    ['a private network', '10.0.0.1'],
    ['a private network', '172.16.0.1'],
    ['a private network', '172.31.255.255'],
    ['a private network', '192.168.1.1'],
    ['a private network', 'fd00:ec2::254'],
    ['a private network', 'fc00::1'],
    ['a carrier’s network', '100.64.0.1'],
    ['a carrier’s network', '100.100.100.200'],
    ['the link, and metadata services', '169.254.169.254'],
    ['the link, and metadata services', '169.254.170.2'],
    ['the link', 'fe80::1'],
    ['the link, by an interface', 'fe80::1%lo'],
    ['a site', 'fec0::1'],
    ['a group', '224.0.0.1'],
    ['a group', '239.255.255.250'],
    ['a group', 'ff02::1'],
    ['later use', '240.0.0.1'],
    ['everybody', '255.255.255.255'],
    ['protocols', '192.0.0.192'],
    ['documentation', '192.0.2.1'],
    ['documentation', '198.51.100.1'],
    ['documentation', '203.0.113.1'],
    ['documentation', '2001:db8::1'],
    ['documentation', '3fff::1'],
    ['benchmarks', '198.18.0.1'],
    ['an address of IPv4 in IPv6', '::ffff:127.0.0.1'],
    ['an address of IPv4 in IPv6', '::ffff:7f00:1'],
    ['an address of IPv4 in IPv6, even a public one', '::ffff:8.8.8.8'],
    ['an address of IPv4 in IPv6, as it once was', '::127.0.0.1'],
    ['an address of IPv4, translated', '64:ff9b::7f00:1'],
    ['an address of IPv4, translated locally', '64:ff9b:1::7f00:1'],
    ['an address of IPv4, by 6to4', '2002:7f00:1::'],
    ['an address of IPv4, by Teredo', '2001:0:7f00:1::'],
    ['nothing', ''],
    ['a name', 'localhost'],
    ['a spelling of 127.0.0.1 that is no address', '127.1'],
    ['a spelling of 127.0.0.1 that is no address', '2130706433'],
    ['a spelling of 127.0.0.1 that is no address', '0x7f000001'],
    ['a spelling of 127.0.0.1 that is no address', '0177.0.0.1'],
  ])('but of %s is %s', (_what, address) => {
    expect(isPublic(address)).toBe(false)
  })
})

test('of the machine itself are a network and an address', () => {
  expect(['127.0.0.1', '127.1.2.3', '::1'].every(isLoopback)).toBe(true)
  expect(['126.0.0.1', '128.0.0.1', '::2', '0.0.0.0', '10.0.0.1', 'localhost'].some(isLoopback)).toBe(false)
})

describe('a network', () => {
  test.each(['10.0.0.0/8', '0.0.0.0/0', '127.0.0.1/32', '::/0', 'fd00::/8', '::1/128'])('is %s', (text) => {
    expect(isNetwork(text)).toBe(true)
  })
  test.each([
    '',
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8x',
    '10.0/8',
    '::/129',
    'fe80::%lo/64',
    'host/8',
    '/8',
    ' 10.0.0.0/8',
  ])('is not %j', (text) => {
    expect(isNetwork(text)).toBe(false)
    expect(() => networksOf([text])).toThrow('is no network')
  })
  test('has the addresses that begin as it does', () => {
    const some = networksOf(['10.1.0.0/16', 'fd00::/8'])
    expect(['10.1.0.0', '10.1.255.255', 'fd12::1'].every(some.has)).toBe(true)
    expect(['10.2.0.0', '11.1.0.0', 'fe00::', '::ffff:10.1.0.1x', 'localhost'].some(some.has)).toBe(false)
    expect(networksOf([]).has('10.0.0.1')).toBe(false)
  })
})
