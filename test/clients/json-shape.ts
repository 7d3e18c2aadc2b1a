import { matches } from '../../src/model/pattern.ts'
import type { ServiceModel } from '../../src/model/service.ts'
import type { Ref, Shape, StructureShape } from '../../src/model/shape.ts'

/** What a body of the JSON protocol is, held against AWS's model by a reader that shares nothing with what wrote it. */
export interface Seen {
  /** Where it is not as the model has it, and how. Empty: all is well. */
  readonly wrong: readonly string[]
  /** Every member that stood in it, by its path: `Accounts[].Paths[]`. */
  readonly members: ReadonlySet<string>
  /** The error's code, where it is one. */
  readonly code: string | undefined
}

/** Codes that no model lists. */
const common: ReadonlySet<string> = new Set([
  'AccessDeniedException',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'SerializationException',
  'UnrecognizedClientException',
])

export function seenInJson(service: ServiceModel, name: string, status: number, body: string): Seen {
  const wrong: string[] = []
  const members = new Set<string>()
  const answer: unknown = JSON.parse(body)
  const operation = service.operation(name)
  if (operation === undefined) return { wrong: ['no operation'], members, code: undefined }
  const walk = structureIn(wrong, members)
  if (status === 200) {
    if (operation.output !== undefined) walk(operation.output, answer, '')
    else if (body !== '{}') wrong.push('holds something')
    return { wrong, members, code: undefined }
  }
  if (typeof answer !== 'object' || answer === null) return { wrong: ['is no error'], members, code: undefined }
  const { __type: code, ...rest } = answer as Readonly<Record<string, unknown>>
  if (typeof code !== 'string') return { wrong: ['has no code'], members, code: undefined }
  const model = service.error(code)
  if (!operation.faults.includes(code) && !common.has(code)) wrong.push(`must not end in ${code}`)
  if (status !== (model?.status ?? 400)) wrong.push(`ends in ${code} with status ${status}`)
  if (model?.shape !== undefined) walk(model.shape, rest, '')
  return { wrong, members, code }
}

const structureIn = (wrong: string[], members: Set<string>) => {
  const structure = (shape: StructureShape, value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      wrong.push(`${path} is no structure`)
      return
    }
    const found = new Map<string, unknown>(Object.entries(value))
    for (const member of shape.members) {
      const at = path === '' ? member.name : `${path}.${member.name}`
      const inner = found.get(member.name)
      found.delete(member.name)
      if (inner !== undefined) {
        members.add(at)
        any(member, inner, at)
      } else if (member.required) wrong.push(`${at} is missing`)
    }
    for (const name of found.keys()) wrong.push(`${path} has ${name}, which the model does not know`)
  }
  const any = ({ shape }: Ref, value: unknown, path: string): void => {
    if (shape.type === 'structure') structure(shape, value, path)
    else if (shape.type === 'list') {
      if (!Array.isArray(value)) wrong.push(`${path} is no list`)
      else
        for (const item of value) {
          members.add(`${path}[]`)
          any(shape.element, item, `${path}[]`)
        }
    } else if (!isFit(shape, value)) wrong.push(`${path} is odd: ${JSON.stringify(value)}`)
  }
  return structure
}

/** What AWS says where its model has it otherwise: ids of policies have eight characters, and the model's ARNs ten at the least. */
const excused: Readonly<Record<string, RegExp | undefined>> = {
  PolicyArn:
    /^arn:aws:organizations::(\d{12}:policy\/o-[a-z0-9]{10}\/[a-z0-9_]+\/p-[0-9a-z]{8}|aws:policy\/[a-z_]+\/p-[A-Za-z]+)$/,
}

function isFit(shape: Shape, value: unknown): boolean {
  const excuse = excused[shape.name]
  if (excuse !== undefined) return typeof value === 'string' && excuse.test(value)
  switch (shape.type) {
    case 'string':
      return (
        typeof value === 'string' &&
        (shape.enum === undefined || shape.enum.includes(value)) &&
        (shape.pattern === undefined || matches(shape.pattern, value)) &&
        value.length >= (shape.min ?? 0) &&
        value.length <= (shape.max ?? Number.MAX_SAFE_INTEGER)
      )
    case 'boolean':
      return typeof value === 'boolean'
    // Seconds since the epoch, with milliseconds behind the point.
    case 'timestamp':
      return typeof value === 'number' && value > 1e9 && value < 1e11 && Number.isInteger(Math.round(value * 1e6) / 1e3)
    default:
      return false
  }
}

/** Every path that a shape has. A shape that contains itself is followed once. */
export function pathsOf(shape: Shape, path = '', inside: readonly string[] = []): readonly string[] {
  if (inside.includes(shape.name)) return []
  const within = [...inside, shape.name]
  if (shape.type === 'structure')
    return shape.members.flatMap((member) => {
      const at = path === '' ? member.name : `${path}.${member.name}`
      return [at, ...pathsOf(member.shape, at, within)]
    })
  return shape.type === 'list' ? [`${path}[]`, ...pathsOf(shape.element.shape, `${path}[]`, within)] : []
}
