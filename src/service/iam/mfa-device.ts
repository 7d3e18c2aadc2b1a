import { iamArn } from '../../base/arn.ts'
import { forgiven } from '../../base/guesses.ts'
import { base32 } from '../../base/id.ts'
import type * as Shape from '../../model/calls/iam.ts'
import type { MfaDevice } from '../../state/credential.ts'
import { bindingOf } from '../../state/entity.ts'
import { inAccount, named, ownedBy } from '../../state/index-keys.ts'
import type { View } from '../../state/view.ts'
import { qrPng } from '../../token/qr.ts'
import { stepAt } from '../../token/totp.ts'
import { operationsOf, type Scene, type WriteScene } from '../operation.ts'
import { aliasOf } from './account-alias.ts'
import { find, type Place } from './lookup.ts'
import { wholeSecond } from './make.ts'
import { namedAs, type Owner, ownerOf } from './owner.ts'
import { page } from './page.ts'
import { within } from './quota.ts'
import { tagsIn, userInList } from './render.ts'
import { mustBeSomeone, onSelf } from './self.ts'
import { findDevice, noDevice, onDevice } from './serial.ts'
import { validTags } from './tagging.ts'
import { bornWith, onNamed } from './target.ts'

const iam = operationsOf('iam')

/** As many as make the 64 characters that AWS tells. */
const seedSize = 40
/** What the 256 characters of a serial number leave for path and name. */
const placeMax = 227

export const createVirtualMfaDevice = iam.write('CreateVirtualMFADevice', {
  level: 'write',
  check: ({ Path = '/', VirtualMFADeviceName }, scene) => {
    const most = placeMax - Path.length
    if (VirtualMFADeviceName.length > most)
      scene.fail(
        'ValidationError',
        `1 validation error detected: Value at 'virtualMFADeviceName' failed to satisfy constraint: Member must have length less than or equal to ${Math.max(0, most)}`,
      )
  },
  needs: ({ Path = '/', VirtualMFADeviceName, Tags }, { caller }) =>
    bornWith(
      { action: 'iam:CreateVirtualMFADevice', resource: iamArn(caller.account, `mfa${Path}${VirtualMFADeviceName}`) },
      'TagMFADevice',
      Tags,
    ),
  run: (scene, { Path = '/', VirtualMFADeviceName, Tags }) => {
    const { account } = scene.caller
    const tags = validTags(scene, 'exact', Tags)
    if (scene.state.one('mfa-device', named(account, `${Path}${VirtualMFADeviceName}`)) !== undefined)
      scene.fail('EntityAlreadyExists', 'MFA device already exists.')
    const device = newDevice(scene, { account, path: Path, name: VirtualMFADeviceName, tags })
    return { VirtualMFADevice: device }
  },
})

/** Makes one, and what its owner is told of it: the only time that its seed is. */
function newDevice(
  { state, random, now, vault }: Pick<WriteScene, 'state' | 'random' | 'now' | 'vault'>,
  place: Pick<MfaDevice, 'account' | 'path' | 'name' | 'tags'>,
): Shape.VirtualMFADevice {
  const { account, path, name } = place
  const seed = base32(random.bytes(seedSize))
  const row = { kind: 'mfa-device', id: iamArn(account, `mfa${path}${name}`), account } as const
  const device: MfaDevice = {
    ...place,
    ...row,
    createdAt: wholeSecond(now),
    secret: vault.seal(seed, bindingOf(row)),
    drift: 0,
  }
  state.put(device)
  const issuer = 'Amazon%20Web%20Services'
  const label = `${encodeURIComponent(name)}@${aliasOf(state, account) ?? account}`
  const uri = `otpauth://totp/${label}?secret=${seed}&issuer=${issuer}`
  return {
    SerialNumber: row.id,
    Base32StringSeed: new TextEncoder().encode(seed),
    QRCodePNG: qrPng(uri),
    ...tagsIn(device),
  }
}

/** Who is in the list, as it is shown: root has no name. */
function virtualInList({ state }: Pick<Place, 'state'>, device: MfaDevice): Shape.VirtualMFADevice {
  const { id, enabled } = device
  if (enabled === undefined) return { SerialNumber: id }
  const user = state.get('user', enabled.owner)
  return { SerialNumber: id, ...(user === undefined ? {} : { User: userInList(user) }), EnableDate: enabled.at }
}

export const listVirtualMfaDevices = iam.read('ListVirtualMFADevices', {
  level: 'list',
  needs: () => [{ action: 'iam:ListVirtualMFADevices', resource: '*' }],
  run: (scene, input) => {
    const { account } = scene.caller
    const { AssignmentStatus = 'Any' } = input
    const devices = scene.state
      .find('mfa-device', inAccount(account))
      .filter(
        ({ enabled }) => AssignmentStatus === 'Any' || (enabled !== undefined) === (AssignmentStatus === 'Assigned'),
      )
    const list = `virtual mfa devices ${account} ${AssignmentStatus}`
    const { shown, end } = page(scene, input, list, devices, ({ path, name }) => `${path}${name}`)
    return { VirtualMFADevices: shown.map((device) => virtualInList(scene, device)), ...end }
  },
})

export const deleteVirtualMfaDevice = iam.write('DeleteVirtualMFADevice', {
  level: 'write',
  needs: ({ SerialNumber }, scene) => [onDevice(scene, 'DeleteVirtualMFADevice', SerialNumber)],
  run: (scene, { SerialNumber }) => {
    const device = findDevice(scene, SerialNumber)
    if (device.enabled !== undefined)
      scene.fail('DeleteConflict', 'Cannot delete entity, must deactivate MFA device first.')
    scene.state.remove('mfa-device', device.id)
    return {}
  },
})

export const listMfaDevices = iam.read('ListMFADevices', {
  level: 'list',
  check: mustBeSomeone,
  needs: ({ UserName }, scene) => [onSelf(scene, 'ListMFADevices', UserName)],
  run: (scene, input) => {
    const owner = ownerOf(scene, input.UserName)
    const devices = scene.state.find('mfa-device', ownedBy(owner))
    const list = `mfa devices ${owner.id}`
    const { shown, end } = page(scene, input, list, devices, ({ path, name }) => `${path}${name}`)
    const MFADevices = shown.flatMap(({ id, enabled }) =>
      enabled === undefined ? [] : [{ ...namedAs(owner), SerialNumber: id, EnableDate: enabled.at }],
    )
    // The cast stands for the root user, who has no name to tell, though the model requires one.
    return { MFADevices: MFADevices as readonly Shape.MFADevice[], ...end }
  },
})

/** A device that is enabled for this owner: another's is as unknown as none. */
function devicesOwn(scene: Scene<View, 'NoSuchEntity'>, owner: Owner, serial: string): Enabled {
  const device = findDevice(scene, serial)
  const { enabled } = device
  if (enabled === undefined || enabled.owner !== owner.id) return noDevice(scene, serial)
  return { ...device, enabled }
}
type Enabled = MfaDevice & Required<Pick<MfaDevice, 'enabled'>>

export const getMfaDevice = iam.read('GetMFADevice', {
  level: 'read',
  check: mustBeSomeone,
  needs: ({ UserName }, scene) => [onSelf(scene, 'GetMFADevice', UserName)],
  run: (scene, { SerialNumber, UserName }) => {
    const owner = ownerOf(scene, UserName)
    const { id, enabled } = devicesOwn(scene, owner, SerialNumber)
    return { ...namedAs(owner), SerialNumber: id, EnableDate: enabled.at, Certifications: {} }
  },
})

/** An hour of steps each way: how far a device's clock may be off when it is enabled or brought level. */
const wideSteps = 120

interface Two {
  readonly AuthenticationCode1: string
  readonly AuthenticationCode2: string
}

/** What two codes in a row say of a device: the newest step that is used up, and how far its clock is off. */
function leveled(
  { vault, now, fail }: Scene<View, 'InvalidAuthenticationCode'>,
  device: MfaDevice,
  { AuthenticationCode1, AuthenticationCode2 }: Two,
): Required<Pick<MfaDevice, 'lastStep' | 'drift'>> {
  const present = stepAt(now)
  const step = vault.stepOf(device, {
    codes: [AuthenticationCode1, AuthenticationCode2],
    from: present - wideSteps - 1,
    to: present + wideSteps - 1,
  })
  if (typeof step === 'string') return fail('InvalidAuthenticationCode', 'Authentication code for device is not valid.')
  // A code that was typed in late says nothing of the device's clock, nor does one step, which every check allows for.
  const ahead = step - present
  return { lastStep: step, drift: Math.abs(ahead) <= 1 ? 0 : ahead }
}

/**
 * Who has a second factor and comes without it changes nothing about their second factors: else a stolen key would be enough to
 * bring one's own (AWS security bulletin of April 2023).
 */
function mustShowFactor(scene: Scene<View, never>, owner: Owner): void {
  const { caller, state, fail } = scene
  const own = caller.kind === 'user' && caller.user.id === owner.id
  if (!own || caller.session?.mfaAt !== undefined || state.find('mfa-device', ownedBy(owner)).length === 0) return
  fail('AccessDenied', 'You must authenticate with an MFA device that is enabled for you to change your MFA devices.')
}

export const enableMfaDevice = iam.write('EnableMFADevice', {
  level: 'write',
  needs: ({ UserName }, scene) => [onNamed(scene, 'EnableMFADevice', 'user', UserName)],
  run: (scene, input) => {
    const user = find(scene, 'user', input.UserName)
    const device = findDevice(scene, input.SerialNumber)
    mustShowFactor(scene, user)
    if (device.enabled !== undefined) scene.fail('EntityAlreadyExists', 'MFA Device is already in use.')
    within(scene, 'MFADevicesPerUser', scene.state.find('mfa-device', ownedBy(user)).length + 1)
    const enabled = { owner: user.id, at: wholeSecond(scene.now) }
    scene.state.put({ ...forgiven(device), ...leveled(scene, device, input), enabled })
    return {}
  },
})

/** What was used up stays so: a device that is enabled again starts where it was. */
export const deactivateMfaDevice = iam.write('DeactivateMFADevice', {
  level: 'write',
  check: mustBeSomeone,
  needs: ({ UserName }, scene) => [onSelf(scene, 'DeactivateMFADevice', UserName)],
  run: (scene, { UserName, SerialNumber }) => {
    const owner = ownerOf(scene, UserName)
    const { enabled: _, ...device } = devicesOwn(scene, owner, SerialNumber)
    mustShowFactor(scene, owner)
    scene.state.put({ ...device, drift: 0 })
    return {}
  },
})

export const resyncMfaDevice = iam.write('ResyncMFADevice', {
  level: 'write',
  needs: ({ UserName }, scene) => [onNamed(scene, 'ResyncMFADevice', 'user', UserName)],
  run: (scene, input) => {
    const device = devicesOwn(scene, find(scene, 'user', input.UserName), input.SerialNumber)
    scene.state.put({ ...forgiven(device), ...leveled(scene, device, input) })
    return {}
  },
})
