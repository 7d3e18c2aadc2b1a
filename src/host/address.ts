import { BlockList, isIP } from 'node:net'

/**
 * Addresses that are nobody's on the internet: of machines themselves, of private and local networks (where clouds keep their metadata),
 * of groups, for documentation, tests and what comes later (IANA's registries of special-purpose addresses, RFC 6890). Of IPv6 only
 * what is handed out for global use is public; what carries an address of IPv4 in itself could lead anywhere, and is not.
 */
const special: readonly (readonly [network: string, bits: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
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
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]
const global: readonly (readonly [network: string, bits: number])[] = [
  ['0.0.0.0', 0],
  ['2000::', 3],
]

/** A set of networks. */
export interface Networks {
  readonly has: (address: string) => boolean
}

function networks(listed: readonly (readonly [network: string, bits: number])[]): Networks {
  // A list apart for each version: in one, an address of IPv4 that is written in IPv6 would count as what it is written for.
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const [network, bits] of listed) {
    const version = versionOf(network)
    if (version !== undefined) lists[version].addSubnet(network, bits, version)
  }
  return {
    has(address) {
      const version = versionOf(address)
      return version !== undefined && lists[version].check(address, version)
    },
  }
}

/** A zone (`fe80::1%eth0`) names an interface of this machine: such a text is no address that anybody could mean elsewhere. */
function versionOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = address.includes('%') ? 0 : isIP(address)
  return version === 0 ? undefined : version === 4 ? 'ipv4' : 'ipv6'
}

const specialNetworks = networks(special)
const globalNetworks = networks(global)

/** Whether an address is one of the internet. A text that is no address is not. */
export const isPublic = (address: string): boolean => globalNetworks.has(address) && !specialNetworks.has(address)

const loopbackNetworks = networks([
  ['127.0.0.0', 8],
  ['::1', 128],
])

/** Whether an address is of the machine itself. */
export const isLoopback = (address: string): boolean => loopbackNetworks.has(address)

const form = /^([0-9a-fA-F:.]{2,45})\/(\d{1,3})$/

/** Whether a text is a network: an address and how many of its bits count, as in `10.0.0.0/8`. */
export function isNetwork(text: string): boolean {
  const [, address = '', bits = ''] = form.exec(text) ?? []
  const version = versionOf(address)
  return version !== undefined && Number(bits) <= (version === 'ipv4' ? 32 : 128)
}

/** The networks of such texts. Throws where one is none. */
export function networksOf(texts: readonly string[]): Networks {
  return networks(
    texts.map((text) => {
      if (!isNetwork(text)) throw new Error(`${text} is no network`)
      const [address = '', bits = ''] = text.split('/')
      return [address, Number(bits)]
    }),
  )
}
