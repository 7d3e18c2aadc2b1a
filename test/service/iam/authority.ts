import type { Caller, Session, Verified } from '../../../src/access/caller.ts'
import type { Need } from '../../../src/access/need.ts'
import type { Random } from '../../../src/base/env.ts'
import { Fault } from '../../../src/base/fault.ts'
import type { IamCalls } from '../../../src/model/calls/iam.ts'
import { loadService } from '../../../src/model/service.ts'
import { validate } from '../../../src/model/validate.ts'
import { loadCatalog } from '../../../src/service/catalog.ts'
import { type Authorized, fail, type Operation, type WriteScene } from '../../../src/service/operation.ts'
import type { Account } from '../../../src/state/account.ts'
import { Draft } from '../../../src/state/draft.ts'
import { arnOf, type Entity, rootArn } from '../../../src/state/entity.ts'
import { named } from '../../../src/state/index-keys.ts'
import { World } from '../../../src/state/world.ts'
import { glassKeyPairs, glassPasswords, glassSafe } from '../../token/keys.ts'
import { excused } from './excused.ts'
import { misfits } from './fit.ts'

export const here = '111122223333'
export const there = '444455556666'
export const noon = Date.UTC(2026, 10, 22, 12, 0, 0, 789)

/** What the catalogue serves of IAM, by name. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  [...loadCatalog().operations.values()]
    .filter(({ service }) => service === 'iam')
    .map((operation) => [operation.name, operation]),
)

const model = loadService('iam')

const common = ['AccessDenied', 'ValidationError', 'InvalidParameterValue']

/** Two accounts, a state, and every IAM operation over it. What is authorized is told, not enforced: that is the gate's. */
export class Authority {
  state: Draft
  /** What the last call had to be allowed. */
  needs: readonly Need[] = []
  now = noon
  readonly #random: Random
  caller: Verified

  constructor() {
    const accounts = [here, there].map(
      (id): Account => ({ kind: 'account', id, name: `account ${id}`, createdAt: 0, home: id === here }),
    )
    this.state = new Draft(new World(accounts))
    let seed = 1
    // A small congruential generator (Numerical Recipes): ids differ, and are the same in every run.
    const next = () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      return seed >>> 24
    }
    this.#random = { bytes: (count) => Uint8Array.from({ length: count }, next) }
    this.caller = this.root()
  }

  /** Performs an operation as the gate would after authorizing it: shape, check, needs, run on a draft that a fault drops. */
  do<N extends keyof IamCalls & string>(
    name: N,
    input: IamCalls[N]['input'],
    caller = this.caller,
  ): IamCalls[N]['output'] {
    const operation = operations.get(name)
    if (operation === undefined) throw new Error(`${name} is not built`)
    const draft = new Draft(this.state)
    const scene: WriteScene = {
      state: {
        get: (kind, id) => draft.get(kind, id),
        find: (kind, key) => draft.find(kind, key),
        one: (kind, key) => draft.one(kind, key),
        put: (entity) => draft.put(entity),
        remove: (kind, id) => draft.remove(kind, id),
      },
      caller,
      now: this.now,
      random: this.#random,
      vault: glassSafe,
      decoded: () => undefined,
      passwords: glassPasswords,
      keyPairs: glassKeyPairs,
      origin: 'https://rolecall.test',
      revision: 0,
      fail,
    }
    const misshapen = validate(model, name, input)
    if (misshapen !== undefined) throw misshapen
    let output: object
    try {
      operation.check?.(input, scene)
      this.needs = operation.needs(input, scene)
      if (operation.kind !== 'read' && operation.kind !== 'write') throw new Error(`${name} is of no kind that IAM has`)
      // What authorizing would brand: these tests ask what is done, not whether it may be.
      output = operation.run(scene as Authorized<WriteScene>, input)
    } catch (error) {
      const declared = [...(model.operation(name)?.faults ?? []), ...(excused.faults[name] ?? []), ...common]
      if (error instanceof Fault && !declared.includes(error.code))
        throw new Error(`${name} must not end in ${error.code}`)
      throw error
    }
    if (operation.kind === 'read' && draft.changes().length > 0) throw new Error(`${name} reads, and has written`)
    draft.mergeInto(this.state)

    const odd = misfits(model.operation(name)?.output, output).filter(
      (path) => !excused.absent[name]?.includes(path.replace(/\[\d+\]/g, '[]')),
    )
    if (odd.length > 0) throw new Error(`${name} does not answer in its shape: ${odd.join(', ')}`)
    // The operation's own type was erased where it was declared; its shape was checked a line ago.
    return output as IamCalls[N]['output']
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
