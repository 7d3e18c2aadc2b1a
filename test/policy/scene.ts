import { compileText } from '../../src/policy/compile.ts'
import type { AttachedPolicy, PolicySource } from '../../src/policy/decide.ts'
import type { Lookup, Principal, Request } from '../../src/policy/request.ts'

/** What tests of this room speak of: two accounts, and someone of every kind in the first. */
export const home = '111111111111'
export const away = '222222222222'

export const alice: Principal = {
  kind: 'user',
  account: home,
  arns: [`arn:aws:iam::${home}:user/dev/alice`],
  uniqueId: 'AIDAALICE00000000',
}
export const sessionArn = `arn:aws:sts::${home}:assumed-role/worker/job-1`
export const roleArn = `arn:aws:iam::${home}:role/team/worker`
export const worker: Principal = {
  kind: 'role-session',
  account: home,
  arns: [sessionArn, roleArn],
  uniqueId: 'AROAWORKER0000000',
}
export const guestArn = `arn:aws:sts::${home}:federated-user/guest`
export const guest: Principal = {
  kind: 'federated-user',
  account: home,
  arns: [guestArn, `arn:aws:iam::${home}:user/dev/alice`],
  uniqueId: 'AIDAALICE00000000',
}
export const rootOf = (account: string): string => `arn:aws:iam::${account}:root`
export const root: Principal = { kind: 'root', account: home, arns: [rootOf(home)] }
export const ec2: Principal = { kind: 'service', arns: [], services: ['ec2.amazonaws.com'] }
export const nobody: Principal = { kind: 'anonymous', arns: [] }
export const github: Principal = {
  kind: 'web-identity',
  arns: [],
  federated: `arn:aws:iam::${home}:oidc-provider/token.actions.githubusercontent.com`,
}

/** A context: what is not in the table is known to be absent, unless it is named as untold. */
export function context(
  values: Readonly<Record<string, string | readonly string[]>> = {},
  untold: readonly string[] = [],
): Lookup {
  const table = new Map(Object.entries(values).map(([key, value]) => [key.toLowerCase(), value]))
  const unknown = new Set(untold.map((key) => key.toLowerCase()))
  return (key) => {
    if (unknown.has(key)) return undefined
    const value = table.get(key)
    return value === undefined ? null : typeof value === 'string' ? [value] : value
  }
}

export function request(parts: Partial<Request> = {}): Request {
  return { principal: alice, action: 's3:GetObject', resource: 'arn:aws:s3:::bucket/key', lookup: context(), ...parts }
}

/** A statement, or several, as a policy of the given version that stands somewhere. */
export function policy(
  statements: object | readonly object[],
  source: Partial<PolicySource> = {},
  options: { readonly version?: string; readonly pins?: Readonly<Record<string, string>> } = {},
): AttachedPolicy {
  const text = JSON.stringify({ Version: options.version ?? '2012-10-17', Statement: statements })
  const compiled = compileText(text)
  if (compiled === undefined) throw new Error(`no JSON: ${text}`)
  return {
    policy: compiled,
    source: { type: 'inline', name: 'p', account: home, ...source },
    ...(options.pins === undefined ? {} : { pins: options.pins }),
  }
}

/** The plainest statement that says this effect, with whatever else it says. */
export const allow = (parts: object = {}): object => ({ Effect: 'Allow', Action: '*', Resource: '*', ...parts })
export const deny = (parts: object = {}): object => ({ Effect: 'Deny', Action: '*', Resource: '*', ...parts })
