import { everyCredential } from '../../access/caller.ts'
import { accountOfKey } from '../../base/id.ts'
import { operationsOf } from '../operation.ts'

const sts = operationsOf('sts')

/** Never authorized: an explicit deny does not keep anybody from learning who they are (STS API Reference, GetCallerIdentity). */
export const getCallerIdentity = sts.read('GetCallerIdentity', {
  level: 'read',
  takes: everyCredential,
  needs: () => [],
  run: ({ caller }) => ({ UserId: caller.userId, Account: caller.account, Arn: caller.arn }),
})

/** The id itself tells the account, so keys that were deleted long ago are answered too, as AWS does. */
export const getAccessKeyInfo = sts.read('GetAccessKeyInfo', {
  level: 'read',
  needs: () => [{ action: 'sts:GetAccessKeyInfo', resource: '*' }],
  run({ fail }, { AccessKeyId }) {
    const account = accountOfKey(AccessKeyId)
    return { Account: account ?? fail('ValidationError', `${AccessKeyId} is not a valid access key id.`) }
  },
})
