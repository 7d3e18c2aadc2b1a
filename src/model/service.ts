import { readData } from './data.ts'
import { writtenOrder } from './order.ts'
import type { Member, RawRef, RawService, RawShape, Ref, Shape, StructureShape } from './shape.ts'

export type ModelledService = 'iam' | 'sts' | 'organizations' | 'cloudtrail' | 'rolecall'

export interface ErrorModel {
  /** The wire code, `NoSuchEntity`; not the shape's name. */
  readonly code: string
  readonly status: number
  /** Whether the sender is to blame: the `Type` of an error on the wire. */
  readonly senderFault: boolean
  /** What it tells besides its code. */
  readonly shape: StructureShape | undefined
}

export interface OperationModel {
  readonly name: string
  readonly method: string
  readonly requestUri: string
  readonly input: StructureShape | undefined
  readonly output: StructureShape | undefined
  readonly resultWrapper: string | undefined
  /** Wire codes that the model declares for this operation. */
  readonly faults: readonly string[]
  /** AWS takes this call without a signature (AssumeRoleWithWebIdentity and the like). */
  readonly unsigned: boolean
}

export interface ServiceModel {
  readonly id: string
  readonly protocol: string
  readonly apiVersion: string
  readonly xmlNamespace: string | undefined
  readonly endpointPrefix: string
  readonly signingName: string
  readonly targetPrefix: string | undefined
  readonly operations: ReadonlyMap<string, OperationModel>
  readonly operation: (name: string) => OperationModel | undefined
  readonly shape: (name: string) => Shape | undefined
  /** What the model says about a wire code, or `undefined` for codes that no model lists (`ValidationError`). */
  readonly error: (code: string) => ErrorModel | undefined
}

const cache = new Map<ModelledService, ServiceModel>()

/** The model of a service; read from disk the first time it is asked for. */
export function loadService(id: ModelledService): ServiceModel {
  const known = cache.get(id)
  if (known) return known
  // The file is our own, checked in, and written by tools/model.ts in this form.
  const model = readService(id, JSON.parse(new TextDecoder().decode(readData(`${id}.json`))) as RawService)
  cache.set(id, model)
  return model
}

/** Follows the references of a model file. Shapes may refer to themselves. */
export function readService(id: string, raw: RawService): ServiceModel {
  const shapes = new Map<string, Shape>()
  const order = writtenOrder[id] ?? {}

  const ref = (from: RawRef | undefined): Ref => {
    assertPresent(from, 'reference')
    const target = raw.shapes[from.shape]
    assertPresent(target, from.shape)
    const namespace = from.xmlNamespace ?? target.xmlNamespace
    return {
      shape: shapeOf(from.shape),
      locationName: from.locationName,
      queryName: from.queryName,
      location: from.location,
      flattened: from.flattened ?? target.flattened ?? false,
      xmlAttribute: from.xmlAttribute ?? target.xmlAttribute ?? false,
      xmlNamespace: typeof namespace === 'string' ? namespace : namespace?.uri,
      timestampFormat: from.timestampFormat ?? target.timestampFormat,
      idempotencyToken: from.idempotencyToken ?? false,
      streaming: from.streaming ?? target.streaming ?? false,
      sensitive: from.sensitive ?? target.sensitive ?? false,
    }
  }

  const structure = (name: string, shape: RawShape): StructureShape => {
    const members: Member[] = []
    const written: Member[] = []
    const made: StructureShape = {
      type: 'structure',
      name,
      members,
      written,
      payload: shape.payload,
      document: shape.document ?? false,
    }
    // Known before its members are followed, so that a shape that contains itself ends here.
    shapes.set(name, made)
    for (const [member, from] of Object.entries(shape.members ?? {}))
      members.push({ name: member, required: shape.required?.includes(member) ?? false, ...ref(from) })
    const first = order[name] ?? []
    const rank = (member: Member): number => {
      const at = first.indexOf(member.name)
      return at < 0 ? first.length : at
    }
    written.push(...members.toSorted((a, b) => rank(a) - rank(b)))
    return made
  }

  const shapeOf = (name: string): Shape => {
    const known = shapes.get(name)
    if (known) return known
    const shape = raw.shapes[name]
    assertPresent(shape, name)
    const bounds = { name, min: shape.min, max: shape.max }
    switch (shape.type) {
      case 'structure':
        return structure(name, shape)
      case 'list': {
        const made = { type: 'list' as const, ...bounds, element: unset }
        shapes.set(name, made)
        made.element = ref(shape.member)
        return made
      }
      case 'map': {
        const made = { type: 'map' as const, ...bounds, key: unset, value: unset }
        shapes.set(name, made)
        made.key = ref(shape.key)
        made.value = ref(shape.value)
        return made
      }
      case 'string':
      case 'character':
        return keep({ type: shape.type, ...bounds, pattern: shape.pattern, enum: shape.enum })
      case 'blob':
        return keep({ type: shape.type, ...bounds })
      case 'boolean':
      case 'timestamp':
        return keep({ type: shape.type, name })
      default:
        return keep({ type: shape.type, ...bounds })
    }
  }
  const keep = (shape: Shape): Shape => {
    shapes.set(shape.name, shape)
    return shape
  }

  const structureOf = (from: RawRef | undefined): StructureShape | undefined => {
    const shape = from && shapeOf(from.shape)
    return shape?.type === 'structure' ? shape : undefined
  }

  const operations = new Map<string, OperationModel>()
  const errors = new Map<string, ErrorModel>()
  for (const [name, shape] of Object.entries(raw.shapes)) {
    if (!shape.exception) continue
    const code = shape.error?.code ?? name
    const status = shape.error?.httpStatusCode ?? (shape.fault ? 500 : 400)
    const senderFault = shape.error?.senderFault ?? status < 500
    errors.set(code, { code, status, senderFault, shape: structureOf({ shape: name }) })
  }
  for (const [name, { http, input, output, errors: faults = [], authtype }] of Object.entries(raw.operations)) {
    operations.set(name, {
      name,
      method: http?.method ?? 'POST',
      requestUri: http?.requestUri ?? '/',
      input: structureOf(input),
      output: structureOf(output),
      resultWrapper: output?.resultWrapper,
      faults: faults.map(({ shape }) => raw.shapes[shape]?.error?.code ?? shape),
      unsigned: authtype === 'none',
    })
  }

  const { metadata } = raw
  const prefix = metadata.endpointPrefix ?? id
  return {
    id,
    protocol: metadata.protocol,
    apiVersion: metadata.apiVersion,
    xmlNamespace: typeof metadata.xmlNamespace === 'string' ? metadata.xmlNamespace : metadata.xmlNamespace?.uri,
    endpointPrefix: prefix,
    signingName: metadata.signingName ?? prefix,
    targetPrefix: metadata.targetPrefix,
    operations,
    operation: (name) => operations.get(name),
    shape: (name) => shapes.get(name),
    error: (code) => errors.get(code),
  }
}

/** Stands in a list or map for the instant in which its own elements are being followed. */
const unset: Ref = {
  shape: { type: 'boolean', name: '' },
  locationName: undefined,
  queryName: undefined,
  location: undefined,
  flattened: false,
  xmlAttribute: false,
  xmlNamespace: undefined,
  timestampFormat: undefined,
  idempotencyToken: false,
  streaming: false,
  sensitive: false,
}

function assertPresent<T>(value: T | undefined, what: string): asserts value is T {
  if (value === undefined) throw new Error(`the service model lacks ${what}`)
}
