import { InvalidArgumentError } from 'commander'

/** A user, a role or an account's root user, as it was typed. */
export interface Principal {
  readonly kind: 'user' | 'role' | 'root'
  /** `root` of root. */
  readonly name: string
  /** Whose it is, where that was said. */
  readonly account: string | undefined
}

/** `user/NAME`, `role/NAME`, with a path or without, `root`, or the ARN of one; `undefined` of anything else. */
export function principalIn(typed: string): Principal | undefined {
  const root = /^(?:arn:aws:iam::(\d{12}):)?root$/.exec(typed)
  if (root !== null) return { kind: 'root', name: 'root', account: root[1] }
  const [, account, kind, path = ''] = /^(?:arn:aws:iam::(\d{12}):)?(user|role)\/(\S+)$/.exec(typed) ?? []
  const name = path.slice(path.lastIndexOf('/') + 1)
  return (kind === 'user' || kind === 'role') && name !== '' ? { kind, name, account } : undefined
}

/** An option's value that is a user or a role: its bare name will do. */
export const principalArgument =
  (kind: 'user' | 'role') =>
  (typed: string): Principal => {
    const told = principalIn(typed)
    if (told?.kind === kind) return told
    // A user may be called root.
    if (!/^[\w+=,.@-]+$/.test(typed)) throw new InvalidArgumentError(`It is the name of a ${kind}, or its ARN.`)
    return { kind, name: typed, account: undefined }
  }

/** How operations of the authority's own service name it. */
export const subjectOf = ({ kind, name }: Principal) =>
  kind === 'user' ? { UserName: name } : kind === 'role' ? { RoleName: name } : ({ RootUser: 'true' } as const)

export const titleOf = ({ kind, name }: Pick<Principal, 'name'> & { readonly kind: string }): string =>
  kind === 'root' ? 'root' : `${kind} ${name}`
