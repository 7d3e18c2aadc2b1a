import { uuid } from '../../base/id.ts'
import { tokenAlgorithms } from '../../base/key-pair.ts'
import type { AccountSettings } from '../../state/account.ts'
import type { View } from '../../state/view.ts'
import { type Failing, operationsOf } from '../operation.ts'
import { addKey, lacksKey } from '../sts/issuer.ts'

const iam = operationsOf('iam')

const onAll = (action: string) => () => [{ action: `iam:${action}`, resource: '*' }]

/** What an account chose for itself; as AWS has it where it never did. */
export const settingsOf = (state: View, account: string): AccountSettings =>
  state.get('account-settings', account) ?? { kind: 'account-settings', id: account, account, tokenVersion: 1 }

const disabled = (scene: Failing<'FeatureDisabled'>, account: string): never =>
  scene.fail('FeatureDisabled', `Outbound identity federation is disabled for account ${account}`)

/**
 * QUIRK: issuer-for-life. The issuer is an account's own from the first time on, also after the feature was disabled. It is an URL
 * at which this very authority answers, so that whoever knows no more than the issuer can verify its tokens.
 */
export const enableOutboundWebIdentityFederation = iam.write('EnableOutboundWebIdentityFederation', {
  level: 'write',
  needs: onAll('EnableOutboundWebIdentityFederation'),
  run: (scene) => {
    const { state, caller, random, now, keyPairs, origin, fail } = scene
    const { account } = caller
    const settings = settingsOf(state, account)
    if (settings.outbound?.enabled === true)
      fail('FeatureEnabled', `Outbound identity federation is already enabled for account ${account}`)
    const id = settings.outbound?.id ?? uuid(random)
    const issuer = settings.outbound?.issuer ?? `${origin}/${id}`
    state.put({ ...settings, outbound: { issuer, id, enabled: true } })
    for (const algorithm of tokenAlgorithms)
      if (lacksKey(state, account, algorithm, now)) addKey(scene, account, algorithm, keyPairs.fresh(algorithm))
    return { IssuerIdentifier: issuer }
  },
})

export const disableOutboundWebIdentityFederation = iam.write('DisableOutboundWebIdentityFederation', {
  level: 'write',
  needs: onAll('DisableOutboundWebIdentityFederation'),
  run: (scene) => {
    const { state, caller } = scene
    const settings = settingsOf(state, caller.account)
    if (settings.outbound?.enabled !== true) return disabled(scene, caller.account)
    state.put({ ...settings, outbound: { ...settings.outbound, enabled: false } })
    return {}
  },
})

export const getOutboundWebIdentityFederationInfo = iam.read('GetOutboundWebIdentityFederationInfo', {
  level: 'read',
  needs: onAll('GetOutboundWebIdentityFederationInfo'),
  run: (scene) => {
    const { account } = scene.caller
    const { outbound } = settingsOf(scene.state, account)
    if (outbound?.enabled !== true) return disabled(scene, account)
    return { IssuerIdentifier: outbound.issuer, JwtVendingEnabled: true }
  },
})

/** What tokens of the global endpoint are good for. Here they are good everywhere, whichever version was chosen. */
export const setSecurityTokenServicePreferences = iam.write('SetSecurityTokenServicePreferences', {
  level: 'write',
  needs: onAll('SetSecurityTokenServicePreferences'),
  run: ({ state, caller: { account } }, { GlobalEndpointTokenVersion }) => {
    state.put({ ...settingsOf(state, account), tokenVersion: GlobalEndpointTokenVersion === 'v2Token' ? 2 : 1 })
    return {}
  },
})
