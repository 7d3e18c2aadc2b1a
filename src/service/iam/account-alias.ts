import { isAccountId } from '../../base/arn.ts'
import type { AccountAlias } from '../../state/account.ts'
import { inAccount } from '../../state/index-keys.ts'
import type { View } from '../../state/view.ts'
import { operationsOf } from '../operation.ts'
import { page } from './page.ts'

const iam = operationsOf('iam')

const onAccount = (action: string) => [{ action: `iam:${action}`, resource: '*' }]

/** The alias of an account, where it has one. */
export const aliasOf = (state: View, account: string): string | undefined =>
  state.one('account-alias', inAccount(account))?.id

/** QUIRK: alias-replaced. An account has one alias; another that is free takes its place without a word. */
export const createAccountAlias = iam.write('CreateAccountAlias', {
  level: 'write',
  needs: () => onAccount('CreateAccountAlias'),
  run: ({ state, caller: { account }, fail }, { AccountAlias }) => {
    // Where people sign in, an account id and an alias go into the same field.
    if (isAccountId(AccountAlias)) fail('ValidationError', 'An account alias must not be an account ID.')
    if (state.get('account-alias', AccountAlias) !== undefined)
      fail('EntityAlreadyExists', `The account alias ${AccountAlias} already exists.`)
    const before = aliasOf(state, account)
    if (before !== undefined) state.remove('account-alias', before)
    const alias: AccountAlias = { kind: 'account-alias', id: AccountAlias, account }
    state.put(alias)
    return {}
  },
})

export const deleteAccountAlias = iam.write('DeleteAccountAlias', {
  level: 'write',
  needs: () => onAccount('DeleteAccountAlias'),
  run: ({ state, caller: { account }, fail }, { AccountAlias }) => {
    if (aliasOf(state, account) !== AccountAlias)
      fail('NoSuchEntity', `The account alias ${AccountAlias} cannot be found.`)
    state.remove('account-alias', AccountAlias)
    return {}
  },
})

export const listAccountAliases = iam.read('ListAccountAliases', {
  level: 'list',
  needs: () => onAccount('ListAccountAliases'),
  run: (scene, input) => {
    const { account } = scene.caller
    const aliases = scene.state.find('account-alias', inAccount(account))
    const { shown, end } = page(scene, input, `aliases ${account}`, aliases, ({ id }) => id)
    return { AccountAliases: shown.map(({ id }) => id), ...end }
  },
})
