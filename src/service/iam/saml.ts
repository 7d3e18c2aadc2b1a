import type { Need } from '../../access/need.ts'
import { iamArn, parseArn } from '../../base/arn.ts'
import { named, ownedBy } from '../../state/index-keys.ts'
import type { SamlKey, SamlProvider } from '../../state/provider.ts'
import type { View } from '../../state/view.ts'
import type { Failing } from '../operation.ts'
import type { Place } from './lookup.ts'

const prefix = 'saml-provider/'

export const samlArn = (account: string, name: string): string => iamArn(account, `${prefix}${name}`)

interface Named {
  readonly SAMLProviderArn: string
}

export function isSamlArn(text: string): boolean {
  const arn = parseArn(text)
  return arn?.service === 'iam' && arn.resource.startsWith(prefix)
}

export function mustBeSamlArn({ SAMLProviderArn: text }: Named, scene: Failing): void {
  if (!isSamlArn(text)) scene.fail('ValidationError', `ARN ${text} is not valid.`)
}

/** A provider of that account. Another account's are as unknown as those that are not there. */
export function samlProviderAt(state: View, account: string, arn: string): SamlProvider | undefined {
  const name = parseArn(arn)?.resource.slice(prefix.length) ?? ''
  const provider = state.one('saml-provider', named(account, name))
  return provider !== undefined && samlArn(account, provider.name) === arn ? provider : undefined
}

/** A provider of the caller's account. */
export const seekSamlProvider = ({ state, caller: { account } }: Place, arn: string): SamlProvider | undefined =>
  samlProviderAt(state, account, arn)

/** The keys that assertions may be encrypted for, the oldest first. */
export const samlKeysOf = (state: View, provider: SamlProvider): readonly SamlKey[] =>
  state.find('saml-key', ownedBy(provider)).toSorted((a, b) => a.createdAt - b.createdAt)

export const findSamlProvider = (place: Place & Failing<'NoSuchEntity'>, arn: string): SamlProvider =>
  seekSamlProvider(place, arn) ?? place.fail('NoSuchEntity', `Manifest not found for arn ${arn}`)

export function onSamlProvider(place: Place, action: string, arn: string): Need {
  const provider = seekSamlProvider(place, arn)
  const need = { action: `iam:${action}`, resource: arn }
  return provider === undefined ? need : { ...need, resourceTags: provider.tags }
}
