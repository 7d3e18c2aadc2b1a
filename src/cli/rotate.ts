import { type KeptKeys, replaceCredentials } from '../host/credentials.ts'
import { administrator } from '../service/rolecall/account.ts'
import { callService, type Keys, Refused } from './client.ts'
import { Failure } from './failure.ts'
import { type Place, shown } from './place.ts'
import { firstGood, rootKeysOf } from './reached.ts'
import { text } from './session-list.ts'

/** A key that took another's place. */
export interface Rotated {
  readonly accountId: string
  /** The administrator's name; `undefined` for root. */
  readonly user: string | undefined
  readonly accessKeyId: string
  /** The key that was deleted. */
  readonly deleted: string
}

/**
 * Makes a fresh key for an account's administrator or root, keeps it in the data directory, and deletes the one that was kept there. The
 * fresh one is kept before the old one goes. Where the administrator's is no good any more, root makes the fresh one; root's only root can.
 */
export async function rotated(place: Place, kept: KeptKeys, whose: 'administrator' | 'root'): Promise<Rotated> {
  const root = rootKeysOf(kept)
  const own: Keys = whose === 'root' ? root : kept
  const good = await firstGood(place.endpoint, whose === 'root' ? [root] : [kept, root])
  if (good === undefined)
    throw new Failure(
      `${whose === 'root' ? 'root’s key' : 'the administrator’s key and root’s'} of account ${kept.accountId} in ${shown(place.directory)} can do nothing any more, and nobody else can make another`,
    )
  const UserName = whose === 'root' ? undefined : await administratorOf(place, good, own.accessKeyId)
  const drop = async (keys: Keys) => {
    await callService(place.endpoint, keys, 'iam', 'DeleteAccessKey', { UserName, AccessKeyId: own.accessKeyId }).catch(
      (error: unknown) => {
        if (!(error instanceof Refused && error.refusal === 'NoSuchEntity')) throw error
      },
    )
  }
  // One that is no good any more makes room first: a user has two keys at the most.
  if (good !== own) await drop(good)
  const { AccessKey } = await callService(place.endpoint, good, 'iam', 'CreateAccessKey', { UserName })
  const fresh: Keys = {
    accessKeyId: String(AccessKey?.AccessKeyId),
    secretAccessKey: String(AccessKey?.SecretAccessKey),
  }
  replaceCredentials(
    place.directory,
    whose === 'root'
      ? { ...kept, rootAccessKeyId: fresh.accessKeyId, rootSecretAccessKey: fresh.secretAccessKey }
      : { ...kept, ...fresh },
  )
  if (good === own) await drop(fresh)
  return { accountId: kept.accountId, user: UserName, accessKeyId: fresh.accessKeyId, deleted: own.accessKeyId }
}

/** Whose the key is or, where it is gone, whom every account begins with. */
async function administratorOf({ endpoint }: Place, keys: Keys, AccessKeyId: string): Promise<string> {
  try {
    const { UserName } = await callService(endpoint, keys, 'iam', 'GetAccessKeyLastUsed', { AccessKeyId })
    return text(UserName) ?? administrator
  } catch (error) {
    if (error instanceof Refused) return administrator
    throw error
  }
}
