import { sign } from '../src/wire/sigv4.ts'

export interface Signer {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

/** A signed call as the bytes that go over the wire, kept alive. */
export function signedRequest(
  endpoint: string,
  signer: Signer,
  service: string,
  parameters: Readonly<Record<string, string>>,
): Uint8Array {
  const { host } = new URL(endpoint)
  const body = Buffer.from(new URLSearchParams(parameters).toString())
  const unsigned = [
    ['host', host],
    ['content-type', 'application/x-www-form-urlencoded; charset=utf-8'],
    ['content-length', String(body.length)],
    ['user-agent', 'rolecall-bench'],
  ] as const
  const headers = sign({ method: 'POST', path: '/', query: '', headers: unsigned, body }, signer, {
    region: 'us-east-1',
    service,
    now: Date.now(),
  })
  return Buffer.concat([
    Buffer.from(`POST / HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`),
    body,
  ])
}
