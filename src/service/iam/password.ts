import type { LoginProfile, PasswordPolicy } from '../../state/entity.ts'
import type { View } from '../../state/view.ts'

/** The characters that count as symbols (IAM User Guide, "Set an account password policy for IAM users"). */
const symbols: ReadonlySet<string> = new Set("!@#$%^&*()_+-=[]{}|'")

const classes = {
  uppercase: (char: string) => char >= 'A' && char <= 'Z',
  lowercase: (char: string) => char >= 'a' && char <= 'z',
  numbers: (char: string) => char >= '0' && char <= '9',
  symbols: (char: string) => symbols.has(char),
} as const satisfies Record<string, (char: string) => boolean>
type Class = keyof typeof classes
// The keys of the table are those of its type.
const classNames = Object.keys(classes) as readonly Class[]

const leastByDefault = 8
const classesByDefault = 3
const longest = 128

/** Whether a password may be one in this account, as far as its characters tell. */
export function isAcceptable(state: View, account: string, password: string): boolean {
  const characters = [...password]
  const has = (name: Class) => characters.some(classes[name])
  if (characters.length > longest) return false
  const policy = state.get('password-policy', account)
  if (policy !== undefined)
    return characters.length >= policy.minimumLength && classNames.every((name) => !policy[name] || has(name))
  // AWS's own: eight characters, three of the four classes, and neither the name of the account nor its e-mail address.
  const { name, email } = state.get('account', account) ?? {}
  return (
    characters.length >= leastByDefault &&
    classNames.filter(has).length >= classesByDefault &&
    ![name, email].some((word) => word?.toLowerCase() === password.toLowerCase())
  )
}

/** Passwords that are kept to be compared: as many as a policy may ever ask about. */
export const hashesKept = 24

/** The hashes that a new password must not be of. */
export const forbiddenIn = (policy: PasswordPolicy | undefined, { hashes }: LoginProfile): LoginProfile['hashes'] =>
  hashes.slice(0, policy?.reusePrevention ?? 0)

const dayMilliseconds = 24 * 60 * 60_000

/**
 * When a password stops being good; `undefined` where it does not. The credential report's `password_next_rotation`, and what a
 * sign-in asks. Expiry hinders no call that is signed with keys.
 */
export function expiryOf(state: View, { account, changedAt }: LoginProfile): number | undefined {
  const days = state.get('password-policy', account)?.maxAge
  return days === undefined ? undefined : changedAt + days * dayMilliseconds
}
