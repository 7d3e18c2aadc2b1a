import type { Ref, Shape, StructureShape } from '../model/shape.ts'
import { type HttpRequest, header } from './http.ts'
import type { Protocol } from './protocol.ts'
import { query } from './query.ts'
import { commonStatus, requestIdHeader } from './refusal.ts'

/** QUIRK: query-json. A query request that accepts `application/json` is answered in JSON: EKS's token check relies on it. */
export const wantsJson = (request: HttpRequest): boolean =>
  /^application\/json\b/i.test(header(request, 'accept') ?? '')

/** The query protocol with its answers in JSON: the same names, times as seconds since the epoch. */
export const queryJson: Protocol = {
  ...query,

  encode(_service, { name, output: shape, resultWrapper }, output, requestId) {
    const result = shape === undefined ? {} : { [resultWrapper ?? `${name}Result`]: structure(shape, output) }
    return answer(200, requestId, {
      [`${name}Response`]: { ...result, ResponseMetadata: { RequestId: requestId } },
    })
  },

  refuse(service, { code, message, status }, requestId) {
    const model = service?.error(code)
    const final = status ?? model?.status ?? commonStatus(code)
    const Type = (model?.senderFault ?? final < 500) ? 'Sender' : 'Receiver'
    const described = { Code: code, ...(message === '' ? {} : { Message: message }), Type }
    return answer(final, requestId, { Error: described, RequestId: requestId })
  },
}

const answer = (status: number, requestId: string, value: object) => ({
  status,
  headers: { 'x-amzn-RequestId': requestIdHeader(requestId), 'content-type': 'application/json' },
  body: JSON.stringify(value),
})

/** Members in the order in which AWS writes them. A Map, as members are never taken for an object's own machinery. */
function structure(shape: StructureShape, value: object): object {
  const members = new Map<string, unknown>()
  for (const member of shape.written) {
    const given: unknown = Reflect.get(value, member.name)
    if (given !== undefined) members.set(member.name, written(member, given))
  }
  return Object.fromEntries(members)
}

function written({ shape }: Pick<Ref, 'shape'>, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (shape.type === 'timestamp' && typeof value === 'number') return value / 1000
  if (typeof value !== 'object' || value === null) return value
  return nested(shape, value)
}

function nested(shape: Shape, value: object): unknown {
  switch (shape.type) {
    case 'structure':
      return structure(shape, value)
    case 'list':
      return Array.isArray(value) ? value.map((item) => written(shape.element, item)) : []
    case 'map':
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, written(shape.value, item)]))
    default:
      return value
  }
}
