import { Buffer } from 'node:buffer'
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'

/** DER (X.690), as little of it as one certificate takes: a tag, a length and what is inside. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const { length } = body
  const told =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, Math.floor(length / 0x100), length % 0x100]
  return Buffer.concat([Buffer.of(tag, ...told), body])
}
const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts)
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
const sha256WithRsa = sequence(oid('2a864886f70d01010b'), der(0x05))
const commonName = oid('550403')

const time = (at: number): Buffer =>
  der(0x18, Buffer.from(`${new Date(at).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`))

const minute = 60_000
const lifetime = 10 * 365 * 24 * 60 * minute

/**
 * A certificate that an RSA key (PEM) signs for itself (RFC 5280), DER in base64: for those who want a key in the form of one and ask
 * nothing further of it. `serial`: up to twenty bytes, random.
 */
export function selfSigned(pem: string, name: string, now: number, serial: Uint8Array): string {
  const key = createPrivateKey(pem)
  const subject = sequence(der(0x31, sequence(commonName, der(0x0c, Buffer.from(name)))))
  const [first = 0, ...rest] = serial
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    // Positive, and without a byte too many.
    der(0x02, Buffer.from([(first & 0x7f) | 0x40, ...rest])),
    sha256WithRsa,
    subject,
    sequence(time(now - minute), time(now + lifetime)),
    subject,
    createPublicKey(key).export({ format: 'der', type: 'spki' }),
  )
  const signature = sign('sha256', body, key)
  return sequence(body, sha256WithRsa, der(0x03, Buffer.of(0), signature)).toString('base64')
}
