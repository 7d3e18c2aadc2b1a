import { describe, expect, it } from 'vitest'
import { json } from '../../src/wire/json.ts'
import { formRequest } from './request.ts'
import { modelOf, ours, suites } from './suite.ts'

const jsonRequest = (target: string, body: string) =>
  formRequest(body, {
    headers: [
      ['content-type', 'application/x-amz-json-1.1'],
      ['x-amz-target', target],
    ],
  })

const bodyOf = ({ body }: { readonly body: string | Uint8Array }): unknown => JSON.parse(String(body))

describe("AWS's protocol tests, read by a server", () => {
  let count = 0
  for (const suite of suites('json', 'input'))
    for (const { id, given, params, serialized } of suite.cases) {
      const { body, headers } = serialized ?? {}
      // The cases about compression tell nothing of the body.
      if (body === undefined) continue
      count += 1
      it(`${id}: the body gives the parameters`, () => {
        const service = modelOf(suite, given)
        const operation = service.operation(given.name)
        if (!operation) throw new Error('the suite lacks its operation')
        const request = jsonRequest(headers?.['X-Amz-Target'] ?? '', body)
        expect(json.claims(request)).toBe(true)
        expect(json.operation(request)).toEqual({ name: given.name, target: suite.metadata.targetPrefix })
        expect(json.decode(service, operation, request)).toEqual(meaning(ours(operation.input, params) ?? {}))
      })
    }
  it('are not fewer than there were', () => expect(count).toBeGreaterThanOrEqual(45))
})

/** What a client reads: members that are `null` or unknown to it are not there, and times may be written in several ways. */
function meaning(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(meaning)
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) return Date.parse(value) / 1000
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, inner]) => inner !== null && name !== '__type')
      .map(([name, inner]) => [name, meaning(inner)]),
  )
}

describe("AWS's protocol tests, written by a server", () => {
  let count = 0
  for (const suite of suites('json', 'output'))
    for (const { id, given, result: output, error, errorCode, errorMessage, response } of suite.cases) {
      // Without a body there is nothing recorded that an answer could be held against.
      if (!response?.body) continue
      const recorded: unknown = JSON.parse(response.body)
      const service = modelOf(suite, given)
      count += 1
      if (errorCode !== undefined) {
        it(`${id}: the refusal says what was recorded`, () => {
          const details = Object.fromEntries(
            Object.entries(error ?? {}).filter(([name]) => name.toLowerCase() !== 'message'),
          ) as Record<string, string>
          const refused = json.refuse(service, { code: errorCode, message: errorMessage ?? '', details }, 'foo-id')
          expect(refused.status).toBe(response.status_code)
          expect(meaning(bodyOf(refused))).toEqual(
            // Other servers put the code under other names.
            meaning(Object.fromEntries(Object.entries(recorded as object).filter(([name]) => name !== 'code'))),
          )
          expect(bodyOf(refused)).toMatchObject({ __type: errorCode })
        })
        continue
      }
      it(`${id}: the answer means what was recorded`, () => {
        const operation = service.operation(given.name)
        if (!operation) throw new Error('the suite lacks its operation')
        const encoded = json.encode(service, operation, (ours(operation.output, output) as object) ?? {}, 'foo-id')
        expect(encoded.status).toBe(response.status_code)
        // What a client ignores, no server writes.
        if (id === 'handles_unexpected_json_output') expect(bodyOf(encoded)).toEqual({})
        else expect(meaning(bodyOf(encoded))).toEqual(meaning(recorded))
      })
    }
  it('are not fewer than there were', () => expect(count).toBeGreaterThanOrEqual(45))
})

describe('A JSON request that is none', () => {
  const suite = suites('json', 'input').find(({ description }) => description.includes('KitchenSink'))
  const [first] = suite?.cases ?? []
  if (suite === undefined || first === undefined) throw new Error('the suite lacks its kitchen sink')
  const service = modelOf(suite, first.given)
  const operation = service.operation(first.given.name)
  if (!operation) throw new Error('the suite lacks its operation')
  const decode = (body: string) => () => json.decode(service, operation, jsonRequest('x.y', body))

  for (const [what, body, message] of [
    ['no JSON', '{', ''],
    ['a list', '[]', ''],
    ['a text', '"x"', ''],
    ['null', 'null', ''],
    ['a number for a text', '{"String":1}', 'NUMBER_VALUE can not be converted to a String'],
    ['a truth for a number', '{"Integer":true}', 'TRUE_VALUE can not be converted to a Integer'],
    ['a text for a number', '{"Integer":"1"}', 'STRING_VALUE can not be converted to a Integer'],
    ['half a number', '{"Integer":1.5}', ''],
    ['a list for a text', '{"String":[]}', 'Start of list found where not expected'],
    ['a structure for a list', '{"ListOfStrings":{}}', 'Start of structure or map found where not expected.'],
    ['a list for a map', '{"MapOfStrings":[]}', 'Start of list found where not expected'],
    ['bytes that are none', '{"Blob":"="}', ''],
    ['a time that is none', '{"Timestamp":"now"}', ''],
    ['a structure without end', `${'{"RecursiveStruct":'.repeat(70)}{}${'}'.repeat(70)}`, ''],
  ] as const)
    it(`is refused: ${what}`, () =>
      expect(decode(body)).toThrow(expect.objectContaining({ code: 'MalformedInput', message })))

  it('takes null for absence, and passes over what it does not know', () =>
    expect(decode('{"String":null,"Unknown":{"x":1},"ListOfStrings":["a",null]}')()).toEqual({ ListOfStrings: ['a'] }))

  it('takes no name for the machinery of an object', () => {
    const read = decode('{"MapOfStrings":{"__proto__":"x","constructor":"y"}}')() as Record<string, object>
    expect(Object.entries(read.MapOfStrings ?? {})).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
  })
})

describe('A refusal in JSON', () => {
  for (const [code, type, status] of [
    ['AccessDenied', 'AccessDeniedException', 400],
    ['InvalidClientTokenId', 'UnrecognizedClientException', 400],
    ['SignatureDoesNotMatch', 'InvalidSignatureException', 400],
    ['ExpiredToken', 'ExpiredTokenException', 400],
    ['InvalidAction', 'UnknownOperationException', 400],
    ['InternalFailure', 'InternalFailure', 500],
    ['ServiceUnavailable', 'ServiceUnavailable', 503],
  ] as const)
    it(`calls ${code} ${type}, with ${status}; QUIRK: json-refuses-with-400`, () => {
      const refused = json.refuse(undefined, { code, message: 'Why.', status: status === 400 ? 403 : status }, 'id')
      expect(refused.status).toBe(status)
      expect(refused.headers['content-type']).toBe('application/x-amz-json-1.1')
      expect(bodyOf(refused)).toEqual({ __type: type, message: 'Why.' })
    })
})
