import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type CanonicalStyle, canonicalRequest } from '../../src/wire/canonical.ts'
import type { HttpRequest } from '../../src/wire/http.ts'
import { present } from '../../src/wire/presented.ts'
import { checkScope, checkTime } from '../../src/wire/scope.ts'
import { KeyCache, stringToSign, verifySignature } from '../../src/wire/sigv4.ts'

interface Vector {
  readonly name: string
  readonly mode: 'header' | 'query'
  readonly context: {
    readonly credentials: {
      readonly access_key_id: string
      readonly secret_access_key: string
      readonly token?: string
    }
    readonly normalize: boolean
    readonly sign_body: boolean
    readonly omit_session_token?: boolean
    readonly region: string
    readonly service: string
    readonly timestamp: string
  }
  readonly canonicalRequest: string
  readonly stringToSign: string
  readonly signature: string
  readonly signedRequest: string
}

const source = new URL('../data/sigv4-vectors.json', import.meta.url)
// A file of the test data, in the form that its README describes.
const vectors = JSON.parse(readFileSync(source, 'utf8')) as Vector[]

/** A request as the suite writes it: a line, headers with obsolete folding, a body. */
function parse(text: string): HttpRequest {
  const split = text.indexOf('\n\n')
  const [line = '', ...rest] = text.slice(0, split).split('\n')
  const method = line.slice(0, line.indexOf(' '))
  const target = line.slice(line.indexOf(' ') + 1, line.lastIndexOf(' HTTP/'))
  const question = target.indexOf('?')
  const headers: [string, string][] = []
  for (const row of rest) {
    const last = headers.at(-1)
    if (row.startsWith(' ') && last) last[1] = `${last[1]} ${row.trim()}`
    else headers.push([row.slice(0, row.indexOf(':')).toLowerCase(), row.slice(row.indexOf(':') + 1).trim()])
  }
  return {
    method,
    path: question < 0 ? target : target.slice(0, question),
    query: question < 0 ? '' : target.slice(question + 1),
    headers,
    body: new TextEncoder().encode(text.slice(split + 2)),
    sourceIp: '192.0.2.1',
    secure: true,
  }
}

describe('the signing suite of the AWS Common Runtime', () => {
  it('has all its cases', () => expect(vectors).toHaveLength(76))

  for (const { name, mode, context, ...expected } of vectors) {
    // The suite signs such requests without the token and adds it afterwards. We do not let a token in that nobody signed.
    const unsignedToken = context.omit_session_token === true
    it(`${name} in the ${mode}${unsignedToken ? ' is refused: its token is not signed' : ' verifies'}`, () => {
      const request = parse(expected.signedRequest)
      const style: CanonicalStyle = { path: context.normalize ? 'normalized' : 'as-sent' }
      const attempt = () => {
        const presented = present(request)
        if (!presented) throw new Error('nothing was presented')
        return presented
      }
      if (unsignedToken) {
        if (mode === 'header') expect(attempt).toThrow("'x-amz-security-token' must be a 'SignedHeader'")
        else
          expect(
            verifySignature(attempt(), request, context.credentials.secret_access_key, new KeyCache(), style)?.code,
          ).toBe('SignatureDoesNotMatch')
        return
      }
      const presented = attempt()
      expect(presented.accessKeyId).toBe(context.credentials.access_key_id)
      expect(presented.token).toBe(context.credentials.token)
      const hash = expected.canonicalRequest.slice(-64)
      const canonical = canonicalRequest(request, presented.signedHeaders, hash, style)
      expect(canonical).toBe(expected.canonicalRequest)
      const scope = `${presented.date}/${presented.region}/${presented.service}/${presented.terminator}`
      expect(stringToSign(presented.time, scope, canonical)).toBe(expected.stringToSign)
      expect(
        verifySignature(presented, request, context.credentials.secret_access_key, new KeyCache(), style),
      ).toBeUndefined()
      expect(
        checkScope(presented, { service: context.service, regionValid: (region) => region === context.region }),
      ).toBeUndefined()
      expect(checkTime(presented, Date.parse(context.timestamp))).toBeUndefined()
      expect(verifySignature(presented, request, 'another secret', new KeyCache(), style)?.code).toBe(
        'SignatureDoesNotMatch',
      )
    })
  }
})
