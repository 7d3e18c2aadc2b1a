import type { Verified } from '../../src/access/caller.ts'
import type { Need } from '../../src/access/need.ts'
import type { Random } from '../../src/base/env.ts'
import { Fault } from '../../src/base/fault.ts'
import { loadService, type ModelledService } from '../../src/model/service.ts'
import { validate } from '../../src/model/validate.ts'
import { loadCatalog } from '../../src/service/catalog.ts'
import { type Authorized, fail, type Operation, type WriteScene } from '../../src/service/operation.ts'
import type { Account } from '../../src/state/account.ts'
import { Draft } from '../../src/state/draft.ts'
import { World } from '../../src/state/world.ts'
import { glassKeyPairs, glassPasswords, glassSafe } from '../token/keys.ts'
import { excused } from './excused.ts'
import { misfits } from './fit.ts'

/** What the catalogue serves of a service, by name. */
export const operationsOf = (service: ModelledService): ReadonlyMap<string, Operation> =>
  new Map(
    [...loadCatalog().operations.values()]
      .filter((operation) => operation.service === service)
      .map((operation) => [operation.name, operation]),
  )

/** Accounts, a state, and a service's operations over it. What is authorized is told, not enforced: that is the gate's. */
export class Stage {
  state: Draft
  /** What the last call had to be allowed. */
  needs: readonly Need[] = []
  now: number
  protected readonly model
  readonly #operations: ReadonlyMap<string, Operation>
  /** Faults of every operation, which no model lists. */
  readonly #common: readonly string[]
  readonly #random: Random

  /** The first of the accounts is home. */
  constructor(service: ModelledService, accounts: readonly string[], now: number, common: readonly string[] = []) {
    this.state = new Draft(
      new World(
        accounts.map(
          (id, at): Account => ({ kind: 'account', id, name: `account ${id}`, createdAt: 0, home: at === 0 }),
        ),
      ),
    )
    this.now = now
    this.model = loadService(service)
    this.#operations = operationsOf(service)
    this.#common = common
    let seed = 1
    // A small congruential generator (Numerical Recipes): ids differ, and are the same in every run.
    const next = () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      return seed >>> 24
    }
    this.#random = { bytes: (count) => Uint8Array.from({ length: count }, next) }
  }

  /** Performs an operation as the gate would after authorizing it: shape, check, needs, run on a draft that a fault drops. */
  perform(name: string, input: object, caller: Verified): object {
    const operation = this.#operations.get(name)
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
    const misshapen = validate(this.model, name, input)
    if (misshapen !== undefined) throw misshapen
    let output: object
    try {
      operation.check?.(input, scene)
      this.needs = operation.needs(input, scene)
      if (operation.kind !== 'read' && operation.kind !== 'write') throw new Error(`${name} is of another kind`)
      // What authorizing would brand: these tests ask what is done, not whether it may be.
      output = operation.run(scene as Authorized<WriteScene>, input)
    } catch (error) {
      if (error instanceof Fault) this.#mustBeDeclared(name, error)
      throw error
    }
    if (operation.kind === 'read' && draft.changes().length > 0) throw new Error(`${name} reads, and has written`)
    draft.mergeInto(this.state)

    const odd = misfits(this.model.operation(name)?.output, output).filter(
      (path) => !excused.absent[name]?.includes(path.replace(/\[\d+\]/g, '[]')),
    )
    if (odd.length > 0) throw new Error(`${name} does not answer in its shape: ${odd.join(', ')}`)
    return output
  }

  /** A fault is one of the model's, and the reason that it gives one of the fault's. */
  #mustBeDeclared(name: string, fault: Fault): void {
    const declared = [...(this.model.operation(name)?.faults ?? []), ...(excused.faults[name] ?? []), ...this.#common]
    if (!declared.includes(fault.code)) throw new Error(`${name} must not end in ${fault.code}`)
    const reason = this.model.error(fault.code)?.shape?.members.find((member) => member.name === 'Reason')?.shape
    const given = fault.details?.Reason
    if ((reason === undefined) !== (given === undefined)) throw new Error(`${fault.code} gives the reason ${given}`)
    if (given === undefined || reason?.type !== 'string') return
    if (reason.enum?.includes(given) !== true) throw new Error(`${given} is no reason of ${fault.code}`)
  }
}
