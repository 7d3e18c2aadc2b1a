import { Fault } from '../base/fault.ts'
import type { OperationModel, ServiceModel } from '../model/service.ts'
import { type Catalog, operationKey } from '../service/catalog.ts'
import type { Operation } from '../service/operation.ts'
import { foreignService, notServed, notServedHere } from '../wire/foreign.ts'
import type { HttpRequest, HttpResponse } from '../wire/http.ts'
import type { Asked, Protocol } from '../wire/protocol.ts'
import { invalidAction, toHomePage, unknownPath } from '../wire/refusal.ts'

/** What a request is for. */
export interface Route {
  readonly service: ServiceModel
  readonly model: OperationModel
  /** `undefined` where AWS has it and it is not built here. */
  readonly operation: Operation | undefined
}

/**
 * Finds the operation by name and version, in AWS's model first: what AWS has and we have not built is told as such later. Throws the
 * Fault `InvalidAction`.
 */
export function route(catalog: Catalog, { name }: Protocol, request: HttpRequest, asked: Asked): Route {
  const service = catalog.services.find(
    (candidate) =>
      candidate.protocol === name &&
      (asked.target === undefined ? candidate.apiVersion === asked.version : isTarget(candidate, asked.target)) &&
      candidate.operation(asked.name),
  )
  const model = service?.operation(asked.name)
  if (service === undefined || model === undefined) throw unknownAction(catalog, request, asked)
  return { service, model, operation: catalog.operations.get(operationKey(service.id, model.name)) }
}

/** QUIRK: target-by-last-name. Some clients write a service's whole name (`com.amazonaws.…`), some the last part of it. */
const isTarget = ({ targetPrefix = '' }: ServiceModel, target: string): boolean =>
  targetPrefix !== '' && targetPrefix.split('.').at(-1) === target.split('.').at(-1)

function unknownAction(catalog: Catalog, request: HttpRequest, asked: Asked): Fault {
  const served = servedBy(catalog)
  const foreign = foreignService(request, served)
  return foreign === undefined ? invalidAction(asked) : new Fault('InvalidAction', notServedHere(foreign, served), 400)
}

/** The answer to what is written in no protocol that is spoken here. `home`: it is for `/`, and names nothing. */
export function unrouted(catalog: Catalog, request: HttpRequest, home: boolean, requestId: string): HttpResponse {
  const served = servedBy(catalog)
  const foreign = foreignService(request, served)
  if (foreign !== undefined) return notServed(request, foreign, served, requestId)
  return home ? toHomePage(requestId) : unknownPath(requestId)
}

const servedBy = ({ services }: Catalog): readonly string[] => services.map(({ signingName }) => signingName)
