import type { Need } from '../../access/need.ts'
import { accessKeyId, secretAccessKey } from '../../base/id.ts'
import type { AccessKey } from '../../state/credential.ts'
import { bindingOf, rootArn } from '../../state/entity.ts'
import { ownedBy } from '../../state/index-keys.ts'
import { type Failing, operationsOf, type Scene } from '../operation.ts'
import { wholeSecond } from './make.ts'
import { namedAs, type Owner, ownerOf } from './owner.ts'
import { page } from './page.ts'
import { within } from './quota.ts'
import { mustBeSomeone, onSelf } from './self.ts'
import { onNamed } from './target.ts'

const iam = operationsOf('iam')

/** A key by its id, where it is this owner's: another's key is as unknown as none. */
function keyOf(scene: Pick<Scene, 'state'> & Failing<'NoSuchEntity'>, owner: Owner, id: string): AccessKey {
  const key = scene.state.get('access-key', id)
  if (key === undefined || key.owner !== owner.id)
    return scene.fail('NoSuchEntity', `The Access Key with id ${id} cannot be found.`)
  return key
}

export const createAccessKey = iam.write('CreateAccessKey', {
  level: 'write',
  check: mustBeSomeone,
  needs: ({ UserName }, scene) => [onSelf(scene, 'CreateAccessKey', UserName)],
  run: (scene, { UserName }) => {
    const { account } = scene.caller
    const owner = ownerOf(scene, UserName)
    within(scene, 'AccessKeysPerUserQuota', scene.state.find('access-key', ownedBy(owner)).length + 1)

    const secret = secretAccessKey(scene.random)
    const row = { kind: 'access-key', id: accessKeyId(scene.random, 'AKIA', account), account } as const
    const key: AccessKey = {
      ...row,
      owner: owner.id,
      secret: scene.vault.seal(secret, bindingOf(row)),
      status: 'Active',
      createdAt: wholeSecond(scene.now),
    }
    scene.state.put(key)
    // The only time that the secret is told.
    const shown = { AccessKeyId: key.id, Status: key.status, SecretAccessKey: secret, CreateDate: key.createdAt }
    // The cast stands for the root user, who has no name to tell, though the model requires one.
    return { AccessKey: { ...namedAs(owner), ...shown } as typeof shown & { readonly UserName: string } }
  },
})

export const updateAccessKey = iam.write('UpdateAccessKey', {
  level: 'write',
  check: mustBeSomeone,
  needs: ({ UserName }, scene) => [onSelf(scene, 'UpdateAccessKey', UserName)],
  run: (scene, { UserName, AccessKeyId, Status }) => {
    const key = keyOf(scene, ownerOf(scene, UserName), AccessKeyId)
    // Expired is a state that AWS puts keys into; nobody asks for it.
    if (Status === 'Expired')
      return scene.fail('InvalidInput', 'The status of an access key can be Active or Inactive.')
    scene.state.put({ ...key, status: Status })
    return {}
  },
})

export const deleteAccessKey = iam.write('DeleteAccessKey', {
  level: 'write',
  check: mustBeSomeone,
  needs: ({ UserName }, scene) => [onSelf(scene, 'DeleteAccessKey', UserName)],
  run: (scene, { UserName, AccessKeyId }) => {
    const key = keyOf(scene, ownerOf(scene, UserName), AccessKeyId)
    scene.state.remove('access-key', key.id)
    return {}
  },
})

export const listAccessKeys = iam.read('ListAccessKeys', {
  level: 'list',
  check: mustBeSomeone,
  needs: ({ UserName }, scene) => [onSelf(scene, 'ListAccessKeys', UserName)],
  run: (scene, input) => {
    const owner = ownerOf(scene, input.UserName)
    const keys = scene.state.find('access-key', ownedBy(owner))
    const { shown, end } = page(scene, input, `keys ${owner.id}`, keys, ({ createdAt, id }) => `${createdAt} ${id}`)
    const metadata = shown.map((key) => ({
      ...namedAs(owner),
      AccessKeyId: key.id,
      Status: key.status,
      CreateDate: key.createdAt,
    }))
    return { AccessKeyMetadata: metadata, ...end }
  },
})

/** A key of the caller's account, with the user that owns it; `undefined` for the root user's. */
function ownKey({ state, caller }: Pick<Scene, 'state' | 'caller'>, id: string) {
  const key = state.get('access-key', id)
  return key?.account === caller.account ? { key, user: state.get('user', key.owner) } : undefined
}

export const getAccessKeyLastUsed = iam.read('GetAccessKeyLastUsed', {
  level: 'read',
  needs: ({ AccessKeyId }, scene) => {
    const found = ownKey(scene, AccessKeyId)
    const need: Need = { action: 'iam:GetAccessKeyLastUsed', resource: '*', noun: `access key ${AccessKeyId}` }
    if (found === undefined) return [need]
    if (found.user === undefined) return [{ ...need, resource: rootArn(scene.caller.account) }]
    return [{ ...onNamed(scene, 'GetAccessKeyLastUsed', 'user', found.user.name), noun: `access key ${AccessKeyId}` }]
  },
  run: (scene, { AccessKeyId }) => {
    const found = ownKey(scene, AccessKeyId)
    // QUIRK: unknown-key-denied. A key that is not the account's is refused, also to who may read every key; without the colon.
    if (found === undefined)
      return scene.fail(
        'AccessDenied',
        `User: ${scene.caller.arn} is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key ${AccessKeyId}`,
      )
    const { key, user } = found
    const used = key.lastUsed
    return {
      ...(user === undefined ? {} : { UserName: user.name }),
      AccessKeyLastUsed:
        used === undefined
          ? { ServiceName: 'N/A', Region: 'N/A' }
          : { LastUsedDate: used.at, ServiceName: used.service, Region: used.region },
    }
  },
})
