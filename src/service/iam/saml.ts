import type { Need } from '../../access/need.ts'
import { iamArn, parseArn } from '../../base/arn.ts'
import type { SamlProvider } from '../../state/entity.ts'
import { named } from '../../state/index-keys.ts'
import type { Failing } from '../operation.ts'
import type { Place } from './lookup.ts'

const prefix = 'saml-provider/'

export const samlArn = (account: string, name: string): string => iamArn(account, `${prefix}${name}`)

interface Named {
  readonly SAMLProviderArn: string
}

export function mustBeSamlArn({ SAMLProviderArn: text }: Named, scene: Failing): void {
  const arn = parseArn(text)
  if (arn?.service !== 'iam' || !arn.resource.startsWith(prefix))
    scene.fail('ValidationError', `ARN ${text} is not valid.`)
}

/** A provider of the caller's account. Another account's are as unknown as those that are not there. */
export function seekSamlProvider({ state, caller: { account } }: Place, arn: string): SamlProvider | undefined {
  const name = parseArn(arn)?.resource.slice(prefix.length) ?? ''
  const provider = state.one('saml-provider', named(account, name))
  return provider !== undefined && samlArn(account, provider.name) === arn ? provider : undefined
}

export const findSamlProvider = (place: Place & Failing<'NoSuchEntity'>, arn: string): SamlProvider =>
  seekSamlProvider(place, arn) ?? place.fail('NoSuchEntity', `Manifest not found for arn ${arn}`)

export function onSamlProvider(place: Place, action: string, arn: string): Need {
  const provider = seekSamlProvider(place, arn)
  const need = { action: `iam:${action}`, resource: arn }
  return provider === undefined ? need : { ...need, resourceTags: provider.tags }
}
