import { resolve } from 'node:path'
import { InvalidArgumentError, Option } from 'commander'
import { isNetwork } from '../host/address.ts'
import { type IssuerSettings, isUrl, type KeysElsewhere } from '../host/discovery.ts'
import { isIssuer } from '../service/iam/oidc.ts'
import { urlArgument } from './argument.ts'
import { shown } from './place.ts'

/** Where an issuer of our own keeps its keys, from the current folder. */
export const defaultIssuerData = '.rolecall-oidc'

/** Options that may be given several times. */
export const several =
  <T>(read: (text: string) => T) =>
  (text: string, before: readonly T[] = []): readonly T[] => [...before, read(text)]

/** The URL of an issuer, as tokens write it. */
export function issuerArgument(text: string): string {
  if (isIssuer(text)) return text
  throw new InvalidArgumentError('An issuer is an URL as tokens write it: https://token.actions.githubusercontent.com')
}

function keysArgument(text: string): KeysElsewhere {
  const at = text.indexOf('=')
  const place = text.slice(at + 1)
  if (at < 0 || place === '')
    throw new InvalidArgumentError('It is an issuer and a place: https://oidc.test=http://127.0.0.1:9100')
  return { issuer: issuerArgument(text.slice(0, at)), at: isUrl(place) ? urlArgument(place) : resolve(place) }
}

function networkArgument(text: string): string {
  if (isNetwork(text)) return text
  throw new InvalidArgumentError('A network is an address and its bits: 10.0.0.0/8, fd00::/8')
}

/** Where identity providers are, for those who start an authority. Nobody can say so by any request. */
export const issuerKeysOption = new Option(
  '--issuer-keys <issuer=where>',
  'have the keys of an issuer from another URL, or from a file with its key set; may be repeated',
).argParser(several(keysArgument))
export const issuerNetworkOption = new Option(
  '--issuer-network <network>',
  'let issuers be in this network besides the internet; may be repeated',
).argParser(several(networkArgument))

export interface IssuerOptions {
  readonly issuerKeys?: readonly KeysElsewhere[]
  readonly issuerNetwork?: readonly string[]
}

export const issuerSettings = ({ issuerKeys = [], issuerNetwork = [] }: IssuerOptions): IssuerSettings => ({
  networks: issuerNetwork,
  keys: issuerKeys,
})

/** As the banner tells it: whom an authority believes elsewhere than where the world does. */
export const shownIssuers = ({ keys }: IssuerSettings): readonly string[] =>
  keys.map(({ issuer, at }) => `${issuer} by the keys of ${isUrl(at) ? at : shown(at)}`)
