import type { Caller, Session, Verified } from '../../../src/access/caller.ts'
import { Fault } from '../../../src/base/fault.ts'
import type { IamCalls } from '../../../src/model/calls/iam.ts'
import { arnOf, type Entity, rootArn } from '../../../src/state/entity.ts'
import { named } from '../../../src/state/index-keys.ts'
import { Stage } from '../stage.ts'

export const here = '111122223333'
export const there = '444455556666'
export const noon = Date.UTC(2026, 10, 22, 12, 0, 0, 789)

const common = ['AccessDenied', 'ValidationError', 'InvalidParameterValue']

/** Two accounts, and every IAM operation over them. */
export class Authority extends Stage {
  caller: Verified

  constructor() {
    super('iam', [here, there], noon, common)
    this.caller = this.root()
  }

  do<N extends keyof IamCalls & string>(
    name: N,
    input: IamCalls[N]['input'],
    caller = this.caller,
  ): IamCalls[N]['output'] {
    // The operation's own type was erased where it was declared; its shape was checked by the stage.
    return this.perform(name, input, caller) as IamCalls[N]['output']
  }

  /** What an operation is told: `ok`, or code and message. */
  told<N extends keyof IamCalls & string>(name: N, input: IamCalls[N]['input'], caller = this.caller): string {
    try {
      this.do(name, input, caller)
      return 'ok'
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      return `${error.code}: ${error.message}`
    }
  }

  put(...entities: readonly Entity[]): void {
    for (const entity of entities) this.state.put(entity)
  }

  entity<K extends 'user' | 'group' | 'role' | 'policy' | 'instance-profile'>(kind: K, name: string, account = here) {
    const found = this.state.one(kind, named(account, name))
    if (found === undefined) throw new Error(`no ${kind} ${name}`)
    return found
  }

  root(account = here): Verified {
    return verified({ kind: 'root', account, arn: rootArn(account), userId: account, accessKeyId: 'AKIAROOT' })
  }

  user(name: string): Verified {
    const found = this.entity('user', name)
    return verified({
      kind: 'user',
      account: found.account,
      arn: arnOf(found),
      userId: found.id,
      accessKeyId: 'AKIAUSER',
      user: found,
    })
  }

  /** A user by credentials of GetSessionToken, got with a second factor at that time, or without one. */
  withFactor(name: string, mfaAt: number | undefined): Verified {
    const { kind: _, ...user } = this.user(name)
    const found = this.entity('user', name)
    return verified({
      ...user,
      kind: 'user',
      user: found,
      session: { ...session, ...(mfaAt === undefined ? {} : { mfaAt }) },
    })
  }

  session(roleName: string): Verified {
    const found = this.entity('role', roleName)
    const arn = `arn:aws:sts::${found.account}:assumed-role/${found.name}/s1`
    return verified({
      kind: 'role-session',
      account: found.account,
      arn,
      userId: `${found.id}:s1`,
      accessKeyId: 'ASIA',
      role: found,
      sessionName: 's1',
      session,
    })
  }
}

const session: Session = {
  issuedAt: noon,
  expiresAt: noon + 3_600_000,
  policyArns: [],
  tags: [],
  transitiveTagKeys: [],
  chainDepth: 0,
  via: [],
}

/** Stands for the gate, which alone makes verified callers of requests. */
const verified = (caller: Caller): Verified => caller as Verified

export const document = (statement: object = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statement })

export const trusting = (principal: unknown): string =>
  document({ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' })

export const ec2Trust = trusting({ Service: 'ec2.amazonaws.com' })

/** An identity document of exactly this many characters, none of them white space outside strings. */
export function documentOfSize(size: number): string {
  const empty = document({ Sid: '', Effect: 'Allow', Action: 's3:GetObject', Resource: '*' })
  return empty.replace('"Sid":""', `"Sid":"${'x'.repeat(size - empty.length)}"`)
}
