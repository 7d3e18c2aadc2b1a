import { loadService, type ServiceModel } from '../model/service.ts'
import type { Operation } from './operation.ts'
import * as rolecallAccount from './rolecall/account.ts'
import * as rolecallDecision from './rolecall/decision.ts'
import * as stsAssumeRole from './sts/assume-role.ts'
import * as stsCaller from './sts/caller.ts'
import * as stsSessionToken from './sts/session-token.ts'

/** What can be asked of us: AWS's models, and the operations of them that are built. */
export interface Catalog {
  readonly services: readonly ServiceModel[]
  readonly operations: ReadonlyMap<string, Operation>
}

export const operationKey = (service: string, name: string): string => `${service}:${name}`

/** The rooms in which operations are declared. What they export is what is served: there is no list of operations. */
const rooms: readonly Readonly<Record<string, unknown>>[] = [
  rolecallAccount,
  rolecallDecision,
  stsAssumeRole,
  stsCaller,
  stsSessionToken,
]

const isOperation = (value: unknown): value is Operation =>
  typeof value === 'object' && value !== null && 'needs' in value && 'run' in value && 'service' in value

export function loadCatalog(): Catalog {
  const operations = new Map<string, Operation>()
  for (const operation of rooms.flatMap((room) => Object.values(room)).filter(isOperation)) {
    const key = operationKey(operation.service, operation.name)
    if (operations.has(key)) throw new Error(`${key} is declared twice`)
    if (loadService(operation.service).operation(operation.name) === undefined)
      throw new Error(`${key} is not in the model`)
    operations.set(key, operation)
  }
  return { services: [loadService('iam'), loadService('sts'), loadService('rolecall')], operations }
}
