import * as iam from '@aws-sdk/client-iam'
import * as sts from '@aws-sdk/client-sts'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { loadService, type OperationModel } from '../../src/model/service.ts'
import type { Shape } from '../../src/model/shape.ts'
import type { HttpRequest, HttpResponse } from '../../src/wire/http.ts'
import { present } from '../../src/wire/presented.ts'
import { query } from '../../src/wire/query.ts'
import { KeyCache, verifySignature } from '../../src/wire/sigv4.ts'

/** AWS's own client is the other side here: what it sends we must read, and what we write it must read. */

const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }

interface Sent {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

let seen: HttpRequest | undefined
let answer: HttpResponse = { status: 200, headers: {}, body: '' }

/** Stands where the network would: keeps the request, gives the answer. */
const requestHandler = {
  async handle(sent: Sent) {
    const body = sent.body ?? ''
    seen = {
      method: sent.method,
      path: sent.path,
      query: '',
      headers: Object.entries(sent.headers).map(([name, value]) => [name.toLowerCase(), value] as const),
      body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
      sourceIp: '192.0.2.1',
      secure: true,
    }
    const response = {
      statusCode: answer.status,
      headers: answer.headers,
      body: new Blob([String(answer.body)]).stream(),
    }
    return { response }
  },
  destroy() {},
}

const settings = { region: 'us-east-1', endpoint: 'https://example.test', credentials, maxAttempts: 1, requestHandler }
// The handler has the two functions of a request handler that the client calls, and stands for all of it.
const clients = {
  iam: new iam.IAMClient(settings as unknown as iam.IAMClientConfig),
  sts: new sts.STSClient(settings as unknown as sts.STSClientConfig),
}
afterAll(() => {
  clients.iam.destroy()
  clients.sts.destroy()
})

async function call(service: 'iam' | 'sts', operation: string, input: unknown): Promise<Record<string, unknown>> {
  const commands = (service === 'iam' ? iam : sts) as unknown as Record<string, new (input: unknown) => never>
  const Command = commands[`${operation}Command`]
  if (!Command) throw new Error(`the client lacks ${operation}`)
  const send = clients[service].send.bind(clients[service]) as (command: never) => Promise<Record<string, unknown>>
  const { $metadata: _, ...output } = await send(new Command(input))
  return output
}

/** Text that XML can carry, and that the client does not take for the white space between two tags. */
const text = fc
  .string({ unit: 'binary', maxLength: 12 })
  .map((value) =>
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML cannot carry
    value.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '·'),
  )
  .map((value) => (value.trim() === '' ? value.replace(/[\r\n]/g, '·') : value))

/** Any value of a shape, as the client has it: times are Dates. */
function anyOf(shape: Shape, depth: number): fc.Arbitrary<unknown> {
  switch (shape.type) {
    case 'structure': {
      const required = shape.members.filter((member) => member.required)
      const fields = depth > 5 ? required : shape.members
      return (
        fc
          .record(Object.fromEntries(fields.map((member) => [member.name, anyOf(member.shape, depth + 1)])), {
            requiredKeys: required.map(({ name }) => name),
          })
          // A form has no way to say that there is a structure with nothing in it.
          .filter((value) => depth === 0 || fields.length === 0 || Object.keys(value).length > 0)
      )
    }
    case 'list':
      return fc.array(anyOf(shape.element.shape, depth + 1), { maxLength: depth > 3 ? 1 : 3 })
    case 'map': {
      const keys = shape.key.shape.type === 'string' ? shape.key.shape.enum : undefined
      const key = keys ? fc.constantFrom(...keys) : text.filter((value) => value !== '' && value !== '__proto__')
      return fc.dictionary(key, anyOf(shape.value.shape, depth + 1), { maxKeys: 3, noNullPrototype: true })
    }
    case 'string':
    case 'character':
      return shape.enum ? fc.constantFrom(...shape.enum) : text
    case 'boolean':
      return fc.boolean()
    case 'timestamp':
      return fc.integer({ min: 0, max: 4_102_444_800 }).map((seconds) => new Date(seconds * 1000))
    case 'blob':
      return fc.uint8Array({ maxLength: 12 }).map((bytes) => Uint8Array.from(bytes))
    default:
      return fc.integer()
  }
}

/** The same value as we have it. */
function ours(value: unknown): unknown {
  if (value instanceof Date) return value.getTime()
  if (Array.isArray(value)) return value.map(ours)
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, ours(inner)]))
}

const named = (operations: ReadonlyMap<string, OperationModel>, wanted: readonly string[]) =>
  [...operations.values()].filter(({ name }) => wanted.length === 0 || wanted.includes(name))

for (const id of ['iam', 'sts'] as const) {
  const service = loadService(id)
  const commands = id === 'iam' ? iam : sts
  describe(`AWS's client for ${id}`, () => {
    for (const operation of named(service.operations, [])) {
      const { name, input, output, unsigned } = operation
      // The client is of another day than the model; what it does not have yet is not asked of it.
      if (!(`${name}Command` in commands)) continue

      it(`${name}: we read what it sends, and it reads what we answer`, async () => {
        const pair = fc.tuple(input ? anyOf(input, 0) : fc.constant({}), output ? anyOf(output, 0) : fc.constant({}))
        await fc.assert(
          fc.asyncProperty(pair, async ([sent, given]) => {
            answer = query.encode(service, operation, ours(given) as object, 'b25f48e8-84fd-11e6-80d9-574e0c4664cb')
            const received = await call(id, name, sent)
            expect(ours(received)).toEqual(ours(given))
            const request = seen
            if (!request) throw new Error('nothing was sent')
            expect(query.claims(request)).toBe(true)
            expect(query.operation(request)).toEqual({ name, version: service.apiVersion })
            expect(query.decode(service, operation, request)).toEqual(ours(sent))
            const presented = present(request)
            if (unsigned) expect(presented).toBeUndefined()
            else if (!presented) throw new Error('nothing was presented')
            else
              expect(verifySignature(presented, request, credentials.secretAccessKey, new KeyCache())).toBeUndefined()
          }),
          { numRuns: 8 },
        )
      })
    }

    it('reads every refusal by its code and message', async () => {
      for (const [code, message] of [
        ['AccessDenied', 'User: arn:aws:iam::123456789012:user/<ann> is not authorized & "so" on'],
        ['ValidationError', 'tab\tand\r\nline'],
        ['NoSuchThing', ''],
      ] as const) {
        answer = query.refuse(service, { code, message }, 'b25f48e8-84fd-11e6-80d9-574e0c4664cb')
        const thrown: unknown = await call(id, id === 'iam' ? 'GetUser' : 'GetCallerIdentity', {}).catch(
          (error) => error,
        )
        expect(thrown).toMatchObject({ name: code, Code: code, Type: 'Sender' })
        if (message !== '') expect(thrown).toMatchObject({ message })
      }
    })
  })
}
