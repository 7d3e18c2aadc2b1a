import type { PasswordPolicy } from '../../state/account.ts'
import type { LoginProfile } from '../../state/credential.ts'
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

const wordOf: Readonly<Record<Class, string>> = {
  uppercase: 'uppercase letter',
  lowercase: 'lowercase letter',
  numbers: 'number',
  symbols: 'symbol',
}
const wanting = (names: readonly Class[]): string =>
  names.map((name) => `Password should have at least one ${wordOf[name]}`).join(', ')

/** What is said of a password where AWS says nothing more exact. */
export const nonconforming = 'Password does not conform to the account password policy.'

/**
 * Why a password may not be one in this account, as far as its characters tell; `undefined` where it may.
 * QUIRK: password-told-why. AWS says what a password lacks: its length first, and alone.
 */
export function violationOf(state: View, account: string, password: string): string | undefined {
  const characters = [...password]
  if (characters.length > longest) return nonconforming
  const policy = state.get('password-policy', account)
  const least = policy?.minimumLength ?? leastByDefault
  if (characters.length < least) return `Password should have a minimum length of ${least}`
  const missing = classNames.filter((name) => !characters.some(classes[name]))
  if (policy !== undefined) {
    const asked = missing.filter((name) => policy[name])
    return asked.length === 0 ? undefined : wanting(asked)
  }
  // AWS's own: eight characters, three of the four classes, and neither the name of the account nor its e-mail address.
  const more = missing.length - (classNames.length - classesByDefault)
  if (more > 0) return `Password should meet ${more} more of the following requirements: ${wanting(missing)}`
  const { name, email } = state.get('account', account) ?? {}
  return [name, email].some((word) => word?.toLowerCase() === password.toLowerCase()) ? nonconforming : undefined
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
