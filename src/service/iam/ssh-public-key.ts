import { uniqueId } from '../../base/id.ts'
import type { SshPublicKey } from '../../state/credential.ts'
import { ownedBy } from '../../state/index-keys.ts'
import { readSshKey, type SshKey } from '../../token/public-key.ts'
import { type Failing, operationsOf } from '../operation.ts'
import { find, type Place } from './lookup.ts'
import { wholeSecond } from './make.ts'
import { ownerOf } from './owner.ts'
import { page } from './page.ts'
import { within } from './quota.ts'
import { mustBeSomeone, onSelf } from './self.ts'
import { switchable } from './status.ts'
import { onNamed } from './target.ts'

const iam = operationsOf('iam')

/** A key by its id, where it is this user's: another's key is as unknown as none. */
function keyOf(place: Place & Failing<'NoSuchEntity'>, user: string, id: string): SshPublicKey {
  const owner = find(place, 'user', user).id
  const key = place.state.get('ssh-public-key', id)
  if (key === undefined || key.owner !== owner)
    return place.fail('NoSuchEntity', `The Public Key with id ${id} cannot be found.`)
  return key
}

const shown = (UserName: string, key: SshPublicKey, body: string) => ({
  UserName,
  SSHPublicKeyId: key.id,
  Fingerprint: key.fingerprint,
  SSHPublicKeyBody: body,
  Status: key.status,
  UploadDate: key.createdAt,
})

export const uploadSshPublicKey = iam.write('UploadSSHPublicKey', {
  level: 'write',
  needs: ({ UserName }, scene) => [onNamed(scene, 'UploadSSHPublicKey', 'user', UserName)],
  run: (scene, { UserName, SSHPublicKeyBody }) => {
    const { state, random, now, fail } = scene
    const user = find(scene, 'user', UserName)
    const read: SshKey | 'encoding' | 'key' = readSshKey(SSHPublicKeyBody)
    if (read === 'encoding')
      return fail('UnrecognizedPublicKeyEncoding', 'The public key must be encoded in ssh-rsa format or PEM format.')
    if (read === 'key') return fail('InvalidPublicKey', 'The public key is not an RSA key of at least 2048 bits.')
    const keys = state.find('ssh-public-key', ownedBy(user))
    if (keys.some(({ body }) => body === read.ssh))
      fail('DuplicateSSHPublicKey', `The public key is already associated with the user ${UserName}.`)
    within(scene, 'SSHPublicKeysPerUser', keys.length + 1)
    const key: SshPublicKey = {
      kind: 'ssh-public-key',
      id: uniqueId(random, 'APKA'),
      account: user.account,
      owner: user.id,
      body: read.ssh,
      fingerprint: read.fingerprint,
      status: 'Active',
      createdAt: wholeSecond(now),
    }
    state.put(key)
    return { SSHPublicKey: shown(UserName, key, key.body) }
  },
})

export const getSshPublicKey = iam.read('GetSSHPublicKey', {
  level: 'read',
  needs: ({ UserName }, scene) => [onNamed(scene, 'GetSSHPublicKey', 'user', UserName)],
  run: (scene, { UserName, SSHPublicKeyId, Encoding }) => {
    const key = keyOf(scene, UserName, SSHPublicKeyId)
    if (Encoding === 'SSH') return { SSHPublicKey: shown(UserName, key, key.body) }
    const read = readSshKey(key.body)
    if (read === 'encoding' || read === 'key') throw new Error(`${key.id} was a key when it was put`)
    return { SSHPublicKey: shown(UserName, key, read.pem) }
  },
})

export const listSshPublicKeys = iam.read('ListSSHPublicKeys', {
  level: 'list',
  check: mustBeSomeone,
  needs: ({ UserName }, scene) => [onSelf(scene, 'ListSSHPublicKeys', UserName)],
  run: (scene, input) => {
    const owner = ownerOf(scene, input.UserName)
    const keys = scene.state.find('ssh-public-key', ownedBy(owner))
    const order = ({ createdAt, id }: SshPublicKey) => `${createdAt} ${id}`
    const { shown, end } = page(scene, input, `ssh keys ${owner.id}`, keys, order)
    const metadata = shown.map(({ id, status, createdAt }) => ({
      // Keys are of users, who have names.
      UserName: owner.name ?? '',
      SSHPublicKeyId: id,
      Status: status,
      UploadDate: createdAt,
    }))
    return { SSHPublicKeys: metadata, ...end }
  },
})

export const updateSshPublicKey = iam.write('UpdateSSHPublicKey', {
  level: 'write',
  needs: ({ UserName }, scene) => [onNamed(scene, 'UpdateSSHPublicKey', 'user', UserName)],
  run: (scene, { UserName, SSHPublicKeyId, Status }) => {
    const key = keyOf(scene, UserName, SSHPublicKeyId)
    scene.state.put({ ...key, status: switchable(scene, 'InvalidInput', 'a public key', Status) })
    return {}
  },
})

export const deleteSshPublicKey = iam.write('DeleteSSHPublicKey', {
  level: 'write',
  needs: ({ UserName }, scene) => [onNamed(scene, 'DeleteSSHPublicKey', 'user', UserName)],
  run: (scene, { UserName, SSHPublicKeyId }) => {
    scene.state.remove('ssh-public-key', keyOf(scene, UserName, SSHPublicKeyId).id)
    return {}
  },
})
