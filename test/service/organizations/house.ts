import type { Caller, Verified } from '../../../src/access/caller.ts'
import type { Need } from '../../../src/access/need.ts'
import type { Random } from '../../../src/base/env.ts'
import { Fault } from '../../../src/base/fault.ts'
import type { OrganizationsCalls } from '../../../src/model/calls/organizations.ts'
import { loadService } from '../../../src/model/service.ts'
import { validate } from '../../../src/model/validate.ts'
import { loadCatalog } from '../../../src/service/catalog.ts'
import { type Authorized, fail, type WriteScene } from '../../../src/service/operation.ts'
import type { Account } from '../../../src/state/account.ts'
import { Draft } from '../../../src/state/draft.ts'
import { rootArn } from '../../../src/state/entity.ts'
import { World } from '../../../src/state/world.ts'
import { glassKeyPairs, glassPasswords, glassSafe } from '../../token/keys.ts'
import { misfits } from '../iam/fit.ts'

export const manager = '111122223333'
export const guest = '444455556666'
export const stranger = '777788889999'
export const noon = Date.UTC(2026, 10, 23, 12)

const operations = new Map(
  [...loadCatalog().operations.values()]
    .filter(({ service }) => service === 'organizations')
    .map((operation) => [operation.name, operation]),
)
const model = loadService('organizations')

type Calls = OrganizationsCalls
export type Name = keyof Calls & string

/** Three accounts, and every operation of Organizations over them. What is authorized is told, not enforced: that is the gate's. */
export class House {
  state: Draft
  /** What the last call had to be allowed. */
  needs: readonly Need[] = []
  /** Whole seconds, as the shapes of these tests want times. */
  now = noon
  readonly #random: Random

  constructor() {
    const accounts = [manager, guest, stranger].map(
      (id): Account => ({ kind: 'account', id, name: `account ${id}`, createdAt: 0, home: id === manager }),
    )
    this.state = new Draft(new World(accounts))
    let seed = 1
    // A small congruential generator (Numerical Recipes): ids differ, and are the same in every run.
    const next = () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      return seed >>> 24
    }
    this.#random = { bytes: (count) => Uint8Array.from({ length: count }, next) }
  }

  /** Performs an operation as the gate would after authorizing it: shape, needs, run on a draft that a fault drops. */
  do<N extends Name>(name: N, input: Calls[N]['input'], account = manager): Calls[N]['output'] {
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
      caller: root(account),
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
      this.needs = operation.needs(input, scene)
      if (operation.kind !== 'read' && operation.kind !== 'write') throw new Error(`${name} is of another kind`)
      // What authorizing would brand: these tests ask what is done, not whether it may be.
      output = operation.run(scene as Authorized<WriteScene>, input)
    } catch (error) {
      const declared = model.operation(name)?.faults ?? []
      if (error instanceof Fault && !declared.includes(error.code))
        throw new Error(`${name} must not end in ${error.code}`)
      if (error instanceof Fault) mustHaveReason(error)
      throw error
    }
    if (operation.kind === 'read' && draft.changes().length > 0) throw new Error(`${name} reads, and has written`)
    draft.mergeInto(this.state)
    const odd = misfits(model.operation(name)?.output, output)
    if (odd.length > 0) throw new Error(`${name} does not answer in its shape: ${odd.join(', ')}`)
    // The operation's own type was erased where it was declared; its shape was checked a line ago.
    return output as Calls[N]['output']
  }

  /** What an operation is told: `ok`, or code and reason. */
  told<N extends Name>(name: N, input: Calls[N]['input'], account = manager): string {
    try {
      this.do(name, input, account)
      return 'ok'
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      const { Reason } = error.details ?? {}
      return Reason === undefined ? error.code : `${error.code} ${Reason}`
    }
  }

  /** An organization with all features; answers the id of its root. */
  found(features?: 'ALL' | 'CONSOLIDATED_BILLING'): string {
    this.do('CreateOrganization', features === undefined ? {} : { FeatureSet: features })
    return this.root
  }

  get root(): string {
    return this.do('ListRoots', {}).Roots?.[0]?.Id ?? ''
  }

  unit(ParentId: string, Name: string): string {
    return this.do('CreateOrganizationalUnit', { ParentId, Name }).OrganizationalUnit?.Id ?? ''
  }

  /** A new account of that name; answers its id. */
  account(AccountName: string): string {
    const { CreateAccountStatus: begun } = this.do('CreateAccount', {
      AccountName,
      Email: `${AccountName}@example.com`,
    })
    this.now += 1_000
    const { CreateAccountStatus: ended } = this.do('DescribeCreateAccountStatus', {
      CreateAccountRequestId: begun?.Id ?? '',
    })
    return ended?.AccountId ?? ''
  }

  /** Another account of the authority comes in by invitation. */
  invite(account: string): void {
    const { Handshake } = this.do('InviteAccountToOrganization', { Target: { Type: 'ACCOUNT', Id: account } })
    this.do('AcceptHandshake', { HandshakeId: Handshake?.Id ?? '' }, account)
  }

  policy(
    Name: string,
    Content: string,
    Type: Calls['CreatePolicy']['input']['Type'] = 'SERVICE_CONTROL_POLICY',
  ): string {
    return this.do('CreatePolicy', { Name, Content, Type, Description: '' }).Policy?.PolicySummary?.Id ?? ''
  }

  attached(TargetId: string, Filter: Calls['ListPoliciesForTarget']['input']['Filter'] = 'SERVICE_CONTROL_POLICY') {
    return this.do('ListPoliciesForTarget', { TargetId, Filter }).Policies?.map(({ Id }) => Id)
  }
}

/** A reason that a fault gives is one of its model's. */
function mustHaveReason(fault: Fault): void {
  const reason = model.error(fault.code)?.shape?.members.find(({ name }) => name === 'Reason')?.shape
  const given = fault.details?.Reason
  if ((reason === undefined) !== (given === undefined)) throw new Error(`${fault.code} gives the reason ${given}`)
  if (given === undefined || reason?.type !== 'string') return
  if (reason.enum?.includes(given) !== true) throw new Error(`${given} is no reason of ${fault.code}`)
}

/** Stands for the gate, which alone makes verified callers of requests. */
const root = (account: string): Verified => {
  const caller: Caller = { kind: 'root', account, arn: rootArn(account), userId: account, accessKeyId: 'AKIAROOT' }
  return caller as Verified
}

export const scp = (...Statement: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement })
export const deny = (Action: string) => scp({ Effect: 'Deny', Action, Resource: '*' })
