import { InvalidArgumentError } from 'commander'

/** A user or a role as it was typed. */
export interface Principal {
  readonly kind: 'user' | 'role'
  readonly name: string
  /** Whose it is, where that was said. */
  readonly account: string | undefined
}

/** `user/NAME`, `role/NAME`, with a path or without, or the ARN of one; `undefined` of anything else. */
export function principalIn(typed: string): Principal | undefined {
  const [, account, kind, path = ''] = /^(?:arn:aws:iam::(\d{12}):)?(user|role)\/(\S+)$/.exec(typed) ?? []
  const name = path.slice(path.lastIndexOf('/') + 1)
  return (kind === 'user' || kind === 'role') && name !== '' ? { kind, name, account } : undefined
}

/** An option's value that is a user or a role: its bare name will do. */
export const principalArgument =
  (kind: Principal['kind']) =>
  (typed: string): Principal => {
    const told = principalIn(typed)
    if (told?.kind === kind) return told
    if (!/^[\w+=,.@-]+$/.test(typed)) throw new InvalidArgumentError(`It is the name of a ${kind}, or its ARN.`)
    return { kind, name: typed, account: undefined }
  }
