import type { Need } from '../../access/need.ts'
import { iamArn, parseArn } from '../../base/arn.ts'
import type { OidcProvider } from '../../state/provider.ts'
import type { Failing } from '../operation.ts'
import type { Place } from './lookup.ts'

const scheme = 'https://'

/**
 * Host, perhaps a port, perhaps a path: what ID tokens have as their issuer. Query and fragment are in none (OpenID Connect
 * Discovery 1.0, "Issuer").
 */
const issuer = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?(?:\/[A-Za-z0-9._~!$&'()+,;=:@%/-]*)?$/

/** The URL without its scheme, which is how IAM keeps and shows it. */
export const issuerOf = (url: string): string => (url.startsWith(scheme) ? url.slice(scheme.length) : url)

export const oidcArn = (account: string, url: string): string => iamArn(account, `oidc-provider/${issuerOf(url)}`)

/** Whether a text can be the URL of an issuer. */
export const isIssuer = (url: string): boolean => url.startsWith(scheme) && issuer.test(issuerOf(url))

/** The URL is the name, so it is looked at before anybody is asked for permission. */
export function mustBeIssuer({ Url }: { readonly Url: string }, scene: Failing): void {
  if (!isIssuer(Url)) scene.fail('ValidationError', 'Invalid Open ID Connect Provider URL')
}

interface Named {
  readonly OpenIDConnectProviderArn: string
}

export function mustBeOidcArn({ OpenIDConnectProviderArn: text }: Named, scene: Failing): void {
  const arn = parseArn(text)
  if (arn?.service !== 'iam' || !arn.resource.startsWith('oidc-provider/'))
    scene.fail('ValidationError', `ARN ${text} is not valid.`)
}

/** A provider of the caller's account. Another account's are as unknown as those that are not there. */
export function seekOidcProvider({ state, caller }: Place, arn: string): OidcProvider | undefined {
  const provider = state.get('oidc-provider', arn)
  return provider?.account === caller.account ? provider : undefined
}

export const findOidcProvider = (place: Place & Failing<'NoSuchEntity'>, arn: string): OidcProvider =>
  seekOidcProvider(place, arn) ?? place.fail('NoSuchEntity', `OpenIDConnect Provider not found for arn ${arn}`)

export function onOidcProvider(place: Place, action: string, arn: string): Need {
  const provider = seekOidcProvider(place, arn)
  const need = { action: `iam:${action}`, resource: arn }
  return provider === undefined ? need : { ...need, resourceTags: provider.tags }
}
