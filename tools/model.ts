/**
 * Distils AWS's API models into src/model/data/*.json and src/model/calls/*.ts. The source is the botocore package
 * (Apache-2.0), which comes with the aws CLI; a fresh clone builds without it, because what this writes is checked in.
 *
 *   node tools/ready.js --build && node build/tools/model.js [--botocore FOLDER] [SERVICE…]
 *
 * Names, shapes, constraints, errors and protocol traits stay; prose goes. One operation and one shape stand on a line each,
 * so that an update of AWS's model is a diff that can be read. A service whose model is our own (no folder in botocore) has its
 * data file as its source; only its types are written anew.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { RawOperation, RawRef, RawService, RawShape } from '../src/model/shape.ts'

/** Our id of a service -> its folder in botocore, or `undefined` where the model is our own. */
const sources: Readonly<Record<string, string | undefined>> = {
  iam: 'iam',
  sts: 'sts',
  organizations: 'organizations',
  cloudtrail: 'cloudtrail',
  rolecall: undefined,
}

const prose = new Set(['documentation', 'documentationUrl', 'deprecatedMessage', 'deprecatedSince', 'examples'])

/** An object without its prose. Only for objects whose keys are the model's own words, never for a table of members. */
const bare = <T extends object>(from: T): T =>
  // Leaving keys out of an object whose prose keys are all optional does not change its type.
  Object.fromEntries(Object.entries(from).filter(([key]) => !prose.has(key))) as T

const each = <T, U>(table: Readonly<Record<string, T>>, turn: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(table).map(([name, value]) => [name, turn(value)]))

const bareShape = (shape: RawShape): RawShape => ({
  ...bare(shape),
  ...(shape.members && { members: each<RawRef, RawRef>(shape.members, bare) }),
  ...(shape.member && { member: bare(shape.member) }),
  ...(shape.key && { key: bare(shape.key) }),
  ...(shape.value && { value: bare(shape.value) }),
})

const bareOperation = (operation: RawOperation): RawOperation => ({
  ...bare(operation),
  ...(operation.input && { input: bare(operation.input) }),
  ...(operation.output && { output: bare(operation.output) }),
  ...(operation.errors && { errors: operation.errors.map(bare) }),
})

/** The model without prose and without shapes that nothing refers to. */
export function distil(model: RawService): RawService {
  const operations = each(model.operations, bareOperation)
  const used = new Set<string>()
  const visit = (ref: RawRef | undefined): void => {
    if (!ref || used.has(ref.shape)) return
    used.add(ref.shape)
    const shape = model.shapes[ref.shape]
    for (const inner of [shape?.member, shape?.key, shape?.value, ...Object.values(shape?.members ?? {})]) visit(inner)
  }
  for (const { input, output, errors = [] } of Object.values(operations))
    for (const ref of [input, output, ...errors]) visit(ref)
  const shapes = Object.entries(model.shapes).filter(([name]) => used.has(name))
  return { metadata: bare(model.metadata), operations, shapes: each(Object.fromEntries(shapes), bareShape) }
}

const lines = (table: Readonly<Record<string, unknown>>): string =>
  Object.entries(table)
    .map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`)
    .join(',\n')

export const print = ({ metadata, operations, shapes }: RawService): string =>
  `{\n"metadata": ${JSON.stringify(metadata)},\n"operations": {\n${lines(operations)}\n},\n"shapes": {\n${lines(shapes)}\n}\n}\n`

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
const property = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name))

/** TypeScript's word for a shape, where it is used. */
function typeOf(model: RawService, name: string): string {
  const shape = model.shapes[name]
  switch (shape?.type) {
    case 'structure':
      return shape.document ? 'unknown' : name
    case 'list':
      return `readonly ${grouped(typeOf(model, shape.member?.shape ?? ''))}[]`
    case 'map':
      return `Readonly<Record<string, ${typeOf(model, shape.value?.shape ?? '')}>>`
    case 'string':
    case 'character':
      return shape.enum ? name : 'string'
    case 'boolean':
      return 'boolean'
    case 'blob':
      return 'Uint8Array'
    case 'integer':
    case 'long':
    case 'short':
    case 'byte':
    case 'float':
    case 'double':
    case 'bigdecimal':
    case 'biginteger':
    case 'timestamp':
      return 'number'
    default:
      throw new Error(`shape ${name} has a type that this tool does not know: ${shape?.type}`)
  }
}
const grouped = (type: string): string => (type.startsWith('readonly ') ? `(${type})` : type)

function structureType(model: RawService, name: string, shape: RawShape): string {
  const required = new Set(shape.required)
  const members = Object.entries(shape.members ?? {}).map(([member, ref]) => {
    const type = typeOf(model, ref.shape)
    return required.has(member)
      ? `  readonly ${property(member)}: ${type}\n`
      : `  readonly ${property(member)}?: ${type} | undefined\n`
  })
  return members.length > 0
    ? `export interface ${name} {\n${members.join('')}}\n`
    : `export type ${name} = Readonly<Record<string, never>>\n`
}

/** The types of every structure and enumeration, and one table of calls. */
export function printCalls(model: RawService, id: string): string {
  const types = Object.entries(model.shapes).flatMap(([name, shape]) => {
    if (shape.type === 'structure' && !shape.exception && !shape.document) return [structureType(model, name, shape)]
    if (shape.enum) return [`export type ${name} = ${shape.enum.map(quoted).join(' | ')}\n`]
    return []
  })
  const calls = Object.entries(model.operations).map(([name, { input, output, errors = [] }]) => {
    const codes = [...new Set(errors.map(({ shape }) => model.shapes[shape]?.error?.code ?? shape))]
    const none = 'Record<string, never>'
    return `  ${name}: { input: ${input?.shape ?? none}; output: ${output?.shape ?? none}; faults: ${codes.map(quoted).join(' | ') || 'never'} }\n`
  })
  const table = `${id.charAt(0).toUpperCase()}${id.slice(1)}Calls`
  return (
    `// Written by tools/model.ts from ../data/${id}.json. Times are milliseconds since the epoch.\n\n` +
    `${types.join('\n')}\nexport interface ${table} {\n${calls.join('')}}\n`
  )
}

function botocoreFolder(): string {
  const at = process.argv.indexOf('--botocore')
  const named = at < 0 ? undefined : process.argv[at + 1]
  if (named) return named
  const python = spawnSync('python3', ['-c', 'import botocore; print(botocore.__path__[0])'], { encoding: 'utf8' })
  if (python.status !== 0) throw new Error('botocore was not found; name its folder with --botocore')
  return python.stdout.trim()
}

/** The newest version that botocore has of a service's model. */
function published(botocore: string, service: string): RawService {
  const versions = join(botocore, 'data', service)
  const newest = readdirSync(versions).sort().at(-1) ?? ''
  const plain = join(versions, newest, 'service-2.json')
  const text = existsSync(plain) ? readFileSync(plain) : gunzipSync(readFileSync(`${plain}.gz`))
  // botocore's own loader reads these files without a check, too; what is missing shows up in typeOf and in the tests.
  return JSON.parse(text.toString()) as RawService
}

export function main(args: readonly string[]): void {
  const wanted = args.filter((arg, index) => !arg.startsWith('--') && args[index - 1] !== '--botocore')
  for (const id of wanted.length > 0 ? wanted : Object.keys(sources)) {
    const data = join('src/model/data', `${id}.json`)
    const source = id in sources ? sources[id] : id
    if (source) writeFileSync(data, print(distil(published(botocoreFolder(), source))))
    if (!existsSync(data)) continue
    // Written a line above by `print`, or by hand in the same form.
    const model = JSON.parse(readFileSync(data, 'utf8')) as RawService
    writeFileSync(join('src/model/calls', `${id}.ts`), printCalls(model, id))
    console.log(`${id}: ${Object.keys(model.operations).length} operations, ${Object.keys(model.shapes).length} shapes`)
  }
}

if (process.argv[1]?.endsWith('model.js')) main(process.argv.slice(2))
