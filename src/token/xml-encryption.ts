import { Buffer } from 'node:buffer'
import { type CipherGCMTypes, constants, createDecipheriv, createPrivateKey, privateDecrypt } from 'node:crypto'
import { attributeOf, bytesOf, childNamed, childrenNamed, childrenOf, is, type XmlNode } from './xml-node.ts'
import { signatureNamespace } from './xml-signature.ts'

export const encryptionNamespace = 'http://www.w3.org/2001/04/xmlenc#'
const encryption11 = 'http://www.w3.org/2009/xmlenc11#'

const gcm: ReadonlyMap<string, readonly [CipherGCMTypes, number]> = new Map([
  [`${encryption11}aes128-gcm`, ['aes-128-gcm', 16]],
  [`${encryption11}aes192-gcm`, ['aes-192-gcm', 24]],
  [`${encryption11}aes256-gcm`, ['aes-256-gcm', 32]],
])
const cbc: ReadonlyMap<string, readonly [string, number]> = new Map([
  [`${encryptionNamespace}aes128-cbc`, ['aes-128-cbc', 16]],
  [`${encryptionNamespace}aes192-cbc`, ['aes-192-cbc', 24]],
  [`${encryptionNamespace}aes256-cbc`, ['aes-256-cbc', 32]],
])

/** How much what was encrypted is to be believed before it is opened. */
export type Ciphertext = 'signed' | 'unsigned'

/**
 * The text in an element that holds one `EncryptedData` ("XML Encryption Syntax and Processing 1.1"), opened with one of the keys (PEM);
 * `undefined`, and never a reason, where none opens it. Keys come by RSA-OAEP; RSA of PKCS #1 v1.5 tells who asks often enough what
 * is inside. So does CBC, which anybody can bend without knowing the key: it is opened only where the ciphertext itself was signed.
 */
export function opened(holder: XmlNode, keys: readonly string[], ciphertext: Ciphertext): string | undefined {
  const data = childNamed(holder, encryptionNamespace, 'EncryptedData')
  const type = data && attributeOf(data, 'Type')
  if (data === undefined || (type !== undefined && type !== `${encryptionNamespace}Element`)) return undefined
  const method = methodOf(data)
  const sealed = cipherOf(data)
  const wrapped = keyOf(holder, data)
  if (method === undefined || sealed === undefined || wrapped === undefined) return undefined
  const [algorithm] = method

  const authentic = gcm.get(algorithm)
  const plain = ciphertext === 'signed' ? cbc.get(algorithm) : undefined
  for (const pem of keys) {
    const key = unwrapped(wrapped, pem)
    if (key === undefined) continue
    const text = authentic
      ? openGcm(authentic[0], key, authentic[1], sealed)
      : plain && openCbc(plain[0], key, plain[1], sealed)
    if (text !== undefined) return text
  }
  return undefined
}

/** The algorithm that an element names, with what it says further of it. */
function methodOf(node: XmlNode): readonly [string, readonly XmlNode[]] | undefined {
  const method = childNamed(node, encryptionNamespace, 'EncryptionMethod')
  return method && [attributeOf(method, 'Algorithm') ?? '', childrenOf(method)]
}

/** The bytes that stand in the message. Those that stand elsewhere are not fetched. */
function cipherOf(node: XmlNode): Buffer | undefined {
  const data = childNamed(node, encryptionNamespace, 'CipherData')
  const [value, ...more] = data === undefined ? [] : childrenOf(data)
  return value !== undefined && more.length === 0 && is(value, encryptionNamespace, 'CipherValue')
    ? bytesOf(value)
    : undefined
}

/** The one encrypted key: inside the data that it opens, or beside it. */
function keyOf(holder: XmlNode, data: XmlNode): XmlNode | undefined {
  const infos = childrenNamed(data, signatureNamespace, 'KeyInfo')
  const [key, ...more] = [...infos, holder].flatMap((at) => childrenNamed(at, encryptionNamespace, 'EncryptedKey'))
  return more.length === 0 ? key : undefined
}

const digests: ReadonlyMap<string, string> = new Map([
  [`${signatureNamespace}sha1`, 'sha1'],
  [`${encryptionNamespace}sha256`, 'sha256'],
  ['http://www.w3.org/2001/04/xmldsig-more#sha384', 'sha384'],
  [`${encryptionNamespace}sha512`, 'sha512'],
])
const generators: ReadonlyMap<string, string> = new Map(
  ['sha1', 'sha256', 'sha384', 'sha512'].map((hash) => [`${encryption11}mgf1${hash}`, hash]),
)

/**
 * The hash of RSA-OAEP, which is also that of its mask: another one for each is what the standard allows and nobody uses. SHA-1,
 * which is the default, is as good as any here, where nothing hangs on collisions.
 */
function oaepHash(wrapped: XmlNode): string | undefined {
  const [algorithm, parameters] = methodOf(wrapped) ?? []
  if (algorithm === undefined || parameters === undefined) return undefined
  let hash: string | undefined = 'sha1'
  let mask: string | undefined = 'sha1'
  for (const parameter of parameters) {
    const chosen = attributeOf(parameter, 'Algorithm') ?? ''
    if (is(parameter, signatureNamespace, 'DigestMethod')) hash = digests.get(chosen)
    else if (is(parameter, encryption11, 'MGF') && algorithm === `${encryption11}rsa-oaep`)
      mask = generators.get(chosen)
    else return undefined
  }
  const known = algorithm === `${encryptionNamespace}rsa-oaep-mgf1p` || algorithm === `${encryption11}rsa-oaep`
  return known && hash === mask ? hash : undefined
}

function unwrapped(wrapped: XmlNode, pem: string): Buffer | undefined {
  const hash = oaepHash(wrapped)
  const sealed = cipherOf(wrapped)
  if (hash === undefined || sealed === undefined) return undefined
  try {
    const key = createPrivateKey(pem)
    return privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash }, sealed)
  } catch {
    return undefined
  }
}

const gcmNonceBytes = 12
const tagBytes = 16
const blockBytes = 16

function openGcm(algorithm: CipherGCMTypes, key: Buffer, keyBytes: number, sealed: Buffer): string | undefined {
  if (key.length !== keyBytes || sealed.length <= gcmNonceBytes + tagBytes) return undefined
  const end = sealed.length - tagBytes
  try {
    const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, gcmNonceBytes), { authTagLength: tagBytes })
    decipher.setAuthTag(sealed.subarray(end))
    return utf8(Buffer.concat([decipher.update(sealed.subarray(gcmNonceBytes, end)), decipher.final()]))
  } catch {
    return undefined
  }
}

/** The padding says its length in its last byte, and nothing else. */
function openCbc(algorithm: string, key: Buffer, keyBytes: number, sealed: Buffer): string | undefined {
  if (key.length !== keyBytes || sealed.length < 2 * blockBytes || sealed.length % blockBytes !== 0) return undefined
  const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, blockBytes)).setAutoPadding(false)
  const padded = Buffer.concat([decipher.update(sealed.subarray(blockBytes)), decipher.final()])
  const padding = padded[padded.length - 1] ?? 0
  return padding < 1 || padding > blockBytes ? undefined : utf8(padded.subarray(0, padded.length - padding))
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes as text; `undefined` for bytes that are none. */
export function utf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}
