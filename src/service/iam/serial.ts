import type { Need } from '../../access/need.ts'
import { iamArn } from '../../base/arn.ts'
import type { MfaDevice } from '../../state/credential.ts'
import type { Failing } from '../operation.ts'
import type { Place } from './lookup.ts'

/** A device of the caller's account, by its serial number; another account's is as unknown as none. */
export function seekDevice({ state, caller }: Place, serial: string): MfaDevice | undefined {
  const device = state.get('mfa-device', serial)
  return device?.account === caller.account ? device : undefined
}

export const noDevice = (scene: Failing<'NoSuchEntity'>, serial: string): never =>
  scene.fail('NoSuchEntity', `MFA Device with serial number ${serial} does not exist.`)

export const findDevice = (scene: Place & Failing<'NoSuchEntity'>, serial: string): MfaDevice =>
  seekDevice(scene, serial) ?? noDevice(scene, serial)

/** The need of an operation that names a device by its serial number, which is its ARN; any other text is the name of one. */
export function onDevice(place: Place, action: string, serial: string): Need {
  const device = seekDevice(place, serial)
  const resource = serial.startsWith('arn:') ? serial : iamArn(place.caller.account, `mfa/${serial}`)
  return {
    action: `iam:${action}`,
    resource,
    noun: `mfa ${serial}`,
    ...(device === undefined ? {} : { resourceTags: device.tags }),
  }
}
