import type * as Shape from '../../model/calls/iam.ts'
import type { PasswordPolicy } from '../../state/account.ts'
import { operationsOf } from '../operation.ts'

const iam = operationsOf('iam')

const onAccount = (action: string) => [{ action: `iam:${action}`, resource: '*' }]

/** What is not said is not kept from the policy before: an update replaces it whole (IAM API Reference, UpdateAccountPasswordPolicy). */
export const updateAccountPasswordPolicy = iam.write('UpdateAccountPasswordPolicy', {
  level: 'write',
  needs: () => onAccount('UpdateAccountPasswordPolicy'),
  run: ({ state, caller: { account } }, input) => {
    const { MaxPasswordAge, PasswordReusePrevention, HardExpiry } = input
    const policy: PasswordPolicy = {
      kind: 'password-policy',
      id: account,
      account,
      minimumLength: input.MinimumPasswordLength ?? 6,
      symbols: input.RequireSymbols ?? false,
      numbers: input.RequireNumbers ?? false,
      uppercase: input.RequireUppercaseCharacters ?? false,
      lowercase: input.RequireLowercaseCharacters ?? false,
      usersMayChange: input.AllowUsersToChangePassword ?? false,
      ...(MaxPasswordAge === undefined ? {} : { maxAge: MaxPasswordAge }),
      ...(PasswordReusePrevention === undefined ? {} : { reusePrevention: PasswordReusePrevention }),
      ...(HardExpiry === undefined ? {} : { hardExpiry: HardExpiry }),
    }
    state.put(policy)
    return {}
  },
})

export const getAccountPasswordPolicy = iam.read('GetAccountPasswordPolicy', {
  level: 'read',
  needs: () => onAccount('GetAccountPasswordPolicy'),
  run: ({ state, caller: { account }, fail }) => {
    const policy = state.get('password-policy', account)
    if (policy === undefined)
      return fail('NoSuchEntity', `The Password Policy with domain name ${account} cannot be found.`)
    return { PasswordPolicy: shown(policy) }
  },
})

/** QUIRK: password-policy-absences. What was never set is left out, but for `ExpirePasswords`, which follows from the age. */
const shown = ({ maxAge, reusePrevention, hardExpiry, ...policy }: PasswordPolicy): Shape.PasswordPolicy => ({
  MinimumPasswordLength: policy.minimumLength,
  RequireSymbols: policy.symbols,
  RequireNumbers: policy.numbers,
  RequireUppercaseCharacters: policy.uppercase,
  RequireLowercaseCharacters: policy.lowercase,
  AllowUsersToChangePassword: policy.usersMayChange,
  ExpirePasswords: maxAge !== undefined,
  ...(maxAge === undefined ? {} : { MaxPasswordAge: maxAge }),
  ...(reusePrevention === undefined ? {} : { PasswordReusePrevention: reusePrevention }),
  ...(hardExpiry === undefined ? {} : { HardExpiry: hardExpiry }),
})

export const deleteAccountPasswordPolicy = iam.write('DeleteAccountPasswordPolicy', {
  level: 'write',
  needs: () => onAccount('DeleteAccountPasswordPolicy'),
  run: ({ state, caller: { account }, fail }) => {
    if (state.get('password-policy', account) === undefined)
      fail('NoSuchEntity', 'The account policy with name PasswordPolicy cannot be found.')
    state.remove('password-policy', account)
    return {}
  },
})
