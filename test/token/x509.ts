import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { isIPv4 } from 'node:net'

/** X.509 by hand, as little of it as makes certificates: no tool of the machine's is needed for them. */
const tlv = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  if (body.length < 128) return Buffer.concat([Buffer.from([tag, body.length]), body])
  const size = Buffer.from(body.length.toString(16).padStart(body.length < 256 ? 2 : 4, '0'), 'hex')
  return Buffer.concat([Buffer.from([tag, 0x80 | size.length]), size, body])
}
const sequence = (...parts: readonly Uint8Array[]): Buffer => tlv(0x30, ...parts)
const ecdsaWithSha256 = sequence(tlv(0x06, Buffer.from('2a8648ce3d040302', 'hex')))
const rsaWithSha256 = sequence(tlv(0x06, Buffer.from('2a864886f70d01010b', 'hex')), tlv(0x05))
const nameOf = (name: string): Buffer =>
  sequence(tlv(0x31, sequence(tlv(0x06, Buffer.from('550403', 'hex')), tlv(0x0c, Buffer.from(name)))))
const timeOf = (at: number): Buffer =>
  tlv(0x18, Buffer.from(`${new Date(at).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`))
const pem = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`

export interface Issued {
  readonly name: string
  readonly certificate: string
  readonly key: string
}

let serial = 1
const day = 86_400_000

/** What a certificate says besides who it is of. */
interface Said {
  /** Whether it may sign others. */
  readonly authority?: boolean
  /** Names and addresses of the servers that may show it. */
  readonly hosts?: readonly string[]
}

const extension = (id: string, value: Uint8Array): Buffer =>
  sequence(tlv(0x06, Buffer.from(id, 'hex')), tlv(0x01, Buffer.from([0xff])), tlv(0x04, value))

function extensionsOf({ authority, hosts = [] }: Said): readonly Buffer[] {
  const all: Buffer[] = []
  if (authority !== undefined)
    all.push(extension('551d13', sequence(...(authority ? [tlv(0x01, Buffer.from([0xff]))] : []))))
  const names = hosts.map((host) =>
    isIPv4(host) ? tlv(0x87, Buffer.from(host.split('.').map(Number))) : tlv(0x82, Buffer.from(host)),
  )
  if (names.length > 0) all.push(extension('551d11', sequence(...names)))
  return all.length === 0 ? [] : [tlv(0xa3, sequence(...all))]
}

/** A certificate of this name with a key of its own, signed by another or by itself. */
export function issue(
  name: string,
  by: Issued | undefined,
  now: number,
  days: readonly [number, number] = [-1, 90],
  pair: { readonly privateKey: KeyObject; readonly publicKey: KeyObject } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
  }),
  said: Said = {},
): Issued {
  const { privateKey, publicKey } = pair
  const signer: KeyObject = by === undefined ? privateKey : createPrivateKey(by.key)
  const algorithm = signer.asymmetricKeyType === 'rsa' ? rsaWithSha256 : ecdsaWithSha256
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.from([serial++])),
    algorithm,
    nameOf(by?.name ?? name),
    sequence(timeOf(now + days[0] * day), timeOf(now + days[1] * day)),
    nameOf(name),
    publicKey.export({ format: 'der', type: 'spki' }),
    ...extensionsOf(said),
  )
  const signature = sign('sha256', body, signer)
  return {
    name,
    certificate: pem('CERTIFICATE', sequence(body, algorithm, tlv(0x03, Buffer.from([0]), signature))),
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  }
}

/** A key for SSH, as `ssh-keygen` writes it and in PEM. */
export function sshKey(bits: number): { readonly ssh: string; readonly pem: string; readonly private: string } {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits })
  const key = createPublicKey(privateKey)
  const { e = '', n = '' } = key.export({ format: 'jwk' })
  const field = (bytes: Buffer) => {
    const whole = (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes
    const length = Buffer.alloc(4)
    length.writeUInt32BE(whole.length)
    return Buffer.concat([length, whole])
  }
  const blob = Buffer.concat([
    field(Buffer.from('ssh-rsa')),
    field(Buffer.from(e, 'base64url')),
    field(Buffer.from(n, 'base64url')),
  ])
  return {
    ssh: `ssh-rsa ${blob.toString('base64')}`,
    pem: key.export({ format: 'pem', type: 'spki' }).toString(),
    private: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  }
}
