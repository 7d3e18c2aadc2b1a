import { describe, expect, it } from 'vitest'
import { readXml, type XmlElement } from '../../src/base/xml.ts'
import { query } from '../../src/wire/query.ts'
import { formRequest } from './request.ts'
import { modelOf, ours, suites } from './suite.ts'

/** The idempotency token that the suites expect a client to make up. */
const madeUp = '00000000-0000-4000-8000-000000000000'

describe("AWS's protocol tests, read by a server", () => {
  let count = 0
  for (const suite of suites('query', 'input'))
    for (const { id, given, params, serialized } of suite.cases) {
      const body = serialized?.body
      // The cases about compression tell nothing of the body.
      if (body === undefined) continue
      // A client leaves an empty map out, and a server cannot tell it from an absent one.
      if (id === 'QueryEmptyQueryMaps') continue
      count += 1
      it(`${id}: the form gives the parameters`, () => {
        const service = modelOf(suite, given)
        const operation = service.operation(given.name)
        if (!operation) throw new Error('the suite lacks its operation')
        const request = formRequest(body)
        expect(query.claims(request)).toBe(true)
        expect(query.operation(request)).toEqual({ name: given.name, version: suite.metadata.apiVersion })
        const token = operation.input?.members.find(({ idempotencyToken }) => idempotencyToken)?.name
        const wanted = {
          ...(body.includes(madeUp) && token ? { [token]: madeUp } : {}),
          ...(ours(operation.input, params) as object),
        }
        expect(query.decode(service, operation, request)).toEqual(wanted)
      })
    }
  it('are not fewer than there were', () => expect(count).toBeGreaterThanOrEqual(30))
})

/** What an element means: its name, its children in order, and its text where it has no children. Times are whole seconds. */
const meaning = ({ name, text, children }: XmlElement): unknown =>
  children.length > 0 ? [name, children.map(meaning)] : [name, text.trim() === '' ? '' : wholeSeconds(text)]

const wholeSeconds = (text: string): string =>
  /^\d{4}-\d\d-\d\dT/.test(text) ? String(Math.floor(Date.parse(text) / 1000)) : text

const result = (xml: string): unknown => {
  const root = readXml(xml)
  if (!root) throw new Error(`not well formed: ${xml}`)
  return [root.name, root.children.filter(({ name }) => name !== 'ResponseMetadata').map(meaning)]
}

describe("AWS's protocol tests, written by a server", () => {
  for (const suite of suites('query', 'output'))
    for (const { id, given, result: output, error, errorCode, errorMessage, response } of suite.cases) {
      // Without a body there is nothing recorded that an answer could be held against.
      if (response?.body === undefined) continue
      const recordedBody = response.body
      it(`${id}: the answer means what was recorded`, () => {
        const service = modelOf(suite, given)
        const operation = service.operation(given.name)
        if (!operation) throw new Error('the suite lacks its operation')
        if (errorCode !== undefined) {
          const refused = query.refuse(service, { code: errorCode, message: errorMessage ?? '' }, 'foo-id')
          expect(refused.status).toBe(response.status_code)
          const recorded = readXml(recordedBody)?.children.find(({ name }) => name === 'Error')
          const told = readXml(String(refused.body))?.children.find(({ name }) => name === 'Error')
          for (const part of ['Code', 'Message', 'Type'])
            expect(told?.children.find(({ name }) => name === part)?.text).toBe(
              recorded?.children.find(({ name }) => name === part)?.text,
            )
          expect(error).toBeDefined()
          return
        }
        const encoded = query.encode(service, operation, (ours(operation.output, output) as object) ?? {}, 'foo-id')
        expect(encoded.status).toBe(response.status_code)
        expect(result(String(encoded.body))).toEqual(result(recordedBody))
      })
    }
})
