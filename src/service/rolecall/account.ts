import { ofAuthority } from '../../access/authority.ts'
import type { Random } from '../../base/env.ts'
import { accessKeyId, randomAccountId, secretAccessKey, uniqueId } from '../../base/id.ts'
import type { Safe } from '../../base/sealed.ts'
import type { Account } from '../../state/account.ts'
import type { AccessKey } from '../../state/credential.ts'
import { bindingOf } from '../../state/entity.ts'
import type { User } from '../../state/identity.ts'
import { everywhere } from '../../state/index-keys.ts'
import { operationsOf, type Writable } from '../operation.ts'

const rolecall = operationsOf('rolecall')

/** The user that every account begins with. */
export const administrator = 'administrator'
const administratorAccess = 'arn:aws:iam::aws:policy/AdministratorAccess'

/** The credentials that come with an account. They are told once, to whoever made it. */
export interface AccountKeys {
  readonly accountId: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly rootAccessKeyId: string
  readonly rootSecretAccessKey: string
}

interface Founding {
  readonly state: Writable
  readonly random: Random
  readonly now: number
  readonly vault: Pick<Safe, 'seal'>
}

/** An account with its root user's key and an `administrator` user. All keys are random; no account has others. */
export function foundAccount(
  { state, random, now, vault }: Founding,
  account: Pick<Account, 'id' | 'name' | 'home'>,
): AccountKeys {
  const createdAt = Math.floor(now / 1000) * 1000
  const user: User = {
    kind: 'user',
    account: account.id,
    id: uniqueId(random, 'AIDA'),
    name: administrator,
    path: '/',
    createdAt,
    inline: [],
    attached: [administratorAccess],
    tags: [],
    groups: [],
  }
  state.put({ kind: 'account', createdAt, ...account })
  state.put(user)
  const key = (owner: string) => {
    const secret = secretAccessKey(random)
    const row = { kind: 'access-key', id: accessKeyId(random, 'AKIA', account.id), account: account.id } as const
    const entity: AccessKey = {
      ...row,
      owner,
      secret: vault.seal(secret, bindingOf(row)),
      status: 'Active',
      createdAt,
    }
    state.put(entity)
    return { id: row.id, secret }
  }
  const own = key(user.id)
  const root = key(account.id)
  return {
    accountId: account.id,
    accessKeyId: own.id,
    secretAccessKey: own.secret,
    rootAccessKeyId: root.id,
    rootSecretAccessKey: root.secret,
  }
}

/** An id that no account has yet. */
export function freeAccountId(state: Pick<Writable, 'get'>, random: Random): string {
  for (;;) {
    const id = randomAccountId(random)
    if (state.get('account', id) === undefined) return id
  }
}

export const createAccount = rolecall.write('CreateAccount', {
  level: 'write',
  needs: () => [ofAuthority('rolecall:CreateAccount')],
  run({ state, random, now, vault, fail }, { AccountId, Name }) {
    const id = AccountId ?? freeAccountId(state, random)
    if (state.get('account', id) !== undefined) fail('AccountAlreadyExists', `Account ${id} already exists.`)
    const keys = foundAccount({ state, random, now, vault }, { id, name: Name ?? id, home: false })
    return {
      AccountId: keys.accountId,
      AccessKeyId: keys.accessKeyId,
      SecretAccessKey: keys.secretAccessKey,
      RootAccessKeyId: keys.rootAccessKeyId,
      RootSecretAccessKey: keys.rootSecretAccessKey,
    }
  },
})

export const listAccounts = rolecall.read('ListAccounts', {
  level: 'list',
  needs: () => [ofAuthority('rolecall:ListAccounts')],
  run({ state }) {
    const accounts = [...state.find('account', everywhere)].sort(
      (a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1),
    )
    return {
      Accounts: accounts.map(({ id, name, createdAt }) => ({ AccountId: id, Name: name, CreateDate: createdAt })),
    }
  },
})
