import type { Need } from '../../access/need.ts'
import { forgiven } from '../../base/guesses.ts'
import type { Unfit } from '../../base/sealed.ts'
import type { MfaDevice } from '../../state/credential.ts'
import type { View } from '../../state/view.ts'
import { stepAt } from '../../token/totp.ts'
import type { Scene, Writable } from '../operation.ts'

/** How a call offers a second factor. */
interface Offered {
  readonly SerialNumber?: string | undefined
  readonly TokenCode?: string | undefined
}

/** Whether a call uses a code up, and is a write for that. */
export const offersFactor = ({ TokenCode }: Offered): boolean => TokenCode !== undefined

/** Steps before and after the present one in which a code is good: RFC 6238, 5.2, allows one for the way and for clocks. */
const slack = 1

/** A device that was just shown to be there, and the step of its code. */
interface Factor {
  readonly device: MfaDevice
  readonly step: number
}

/** Devices are of users and of root: a session of a role has none, whoever began it. */
function deviceOf({ state, caller }: Pick<Scene, 'state' | 'caller'>, serial: string): MfaDevice | undefined {
  if (caller.kind === 'role-session' || caller.kind === 'federated-user') return undefined
  const device = state.get('mfa-device', serial)
  return device?.enabled?.owner === (caller.kind === 'root' ? caller.account : caller.user.id) ? device : undefined
}

/** What is wrong with a device that is not the caller's, in the words of the caller's account: it learns nothing of another one's. */
function strangeness({ state, caller }: Pick<Scene, 'state' | 'caller'>, serial: string): string {
  if (caller.kind === 'role-session' || caller.kind === 'federated-user')
    return 'a session has no device of its own: a second factor is shown by the user who begins it'
  const device = state.get('mfa-device', serial)
  if (device?.account !== caller.account) return `there is no device ${serial} in this account`
  return device.enabled === undefined ? `device ${serial} is not enabled` : `device ${serial} is another one's`
}

const unfit: Readonly<Record<Unfit, string>> = {
  wrong: 'the code is none that the device showed within the last minute',
  used: 'the code was good, and was used before: each is good for one call',
  'too many': 'too many wrong codes were tried with this device, and none is looked at for a while',
}

/**
 * The second factor that a call offers; `undefined` where it offers none. Throws AWS's refusals of one that is offered and is not the
 * caller's, is wrong, or was used before (STS API Reference, AssumeRole and GetSessionToken).
 */
export function factorOf(scene: Scene<View, never>, { SerialNumber, TokenCode }: Offered): Factor | undefined {
  const { vault, now, caller } = scene
  if (SerialNumber === undefined && TokenCode === undefined) return undefined
  const refuse = (words: string, text: string): never =>
    scene.fail('AccessDenied', `MultiFactorAuthentication failed${words}`, undefined, {
      missing: [{ account: caller.account, text }],
      hints: [],
    })
  if (SerialNumber === undefined || TokenCode === undefined)
    return refuse(
      ', must provide both MFA serial number and one time pass code.',
      'a second factor is a serial number and a code, and only one of them was given',
    )
  const device = deviceOf(scene, SerialNumber)
  if (device === undefined)
    return refuse(
      ', unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.',
      strangeness(scene, SerialNumber),
    )
  const present = stepAt(now) + device.drift
  const step = vault.stepOf(device, { codes: [TokenCode], from: present - slack, to: present + slack })
  // QUIRK: mfa-code-once. A code that was used is told as a wrong one.
  if (typeof step === 'string') return refuse(' with invalid MFA one time pass code.', unfit[step])
  return { device, step }
}

/** Uses the code up. INVARIANT: a code buys credentials once, whichever node it is shown to: this is a write like any other. */
export function spendFactor(scene: Scene<Writable, never>, offered: Offered): boolean {
  const factor = factorOf(scene, offered)
  if (factor === undefined) return false
  scene.state.put({ ...forgiven(factor.device), lastStep: factor.step })
  return true
}

/** What a factor that is shown with the call says of the caller, instead of what the caller's credentials say. */
export const factorContext = (offered: Offered): NonNullable<Need['context']> =>
  offersFactor(offered) ? { 'aws:MultiFactorAuthPresent': ['true'], 'aws:MultiFactorAuthAge': ['0'] } : {}
