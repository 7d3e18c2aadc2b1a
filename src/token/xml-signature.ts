import { Buffer } from 'node:buffer'
import { createHash, type KeyObject, verify, X509Certificate } from 'node:crypto'
import { readXml } from '../base/xml.ts'
import { canonical } from './c14n.ts'
import { attributeOf, bytesOf, childrenOf, is, resolveNames, type XmlNode } from './xml-node.ts'

export const signatureNamespace = 'http://www.w3.org/2000/09/xmldsig#'
export const exclusiveNamespace = 'http://www.w3.org/2001/10/xml-exc-c14n#'

/** Exclusive canonicalization without and with comments, which are the same to us: what we read has none. */
const exclusive: ReadonlySet<string> = new Set([exclusiveNamespace, `${exclusiveNamespace}WithComments`])
const enveloped = `${signatureNamespace}enveloped-signature`

const more = 'http://www.w3.org/2001/04/xmldsig-more#'
const encryption = 'http://www.w3.org/2001/04/xmlenc#'

/**
 * INVARIANT: what an algorithm does is decided here, and that it fits the key, not by the message alone. Nothing is signed with a
 * shared secret, and nothing hashed with SHA-1.
 */
const signing: ReadonlyMap<string, { readonly key: 'rsa' | 'ec'; readonly hash: string }> = new Map([
  [`${more}rsa-sha256`, { key: 'rsa', hash: 'sha256' }],
  [`${more}rsa-sha384`, { key: 'rsa', hash: 'sha384' }],
  [`${more}rsa-sha512`, { key: 'rsa', hash: 'sha512' }],
  [`${more}ecdsa-sha256`, { key: 'ec', hash: 'sha256' }],
  [`${more}ecdsa-sha384`, { key: 'ec', hash: 'sha384' }],
  [`${more}ecdsa-sha512`, { key: 'ec', hash: 'sha512' }],
])
const hashing: ReadonlyMap<string, string> = new Map([
  [`${encryption}sha256`, 'sha256'],
  [`${more}sha384`, 'sha384'],
  [`${encryption}sha512`, 'sha512'],
])

/** Prefixes that a message may have declared wherever they are. Nobody has as many. */
const prefixesMax = 16
/** What the guides ask of an identity provider's key at the least. */
const rsaBitsMin = 1024

/**
 * The children of an element, where they are exactly these and there is no text between them; `undefined` for any other.
 * A name that ends in `?` may be missing.
 */
function exactly(node: XmlNode, ...names: readonly string[]): readonly (XmlNode | undefined)[] | undefined {
  if (node.content.some((part) => typeof part === 'string' && !/^[ \t\n]*$/.test(part))) return undefined
  const children = childrenOf(node)
  let at = 0
  const found: (XmlNode | undefined)[] = []
  for (const name of names) {
    const child = children[at]
    const optional = name.endsWith('?')
    if (child !== undefined && is(child, signatureNamespace, optional ? name.slice(0, -1) : name)) {
      found.push(child)
      at++
    } else if (optional) found.push(undefined)
    else return undefined
  }
  return at === children.length ? found : undefined
}

/** A choice of an algorithm that has no parameters. */
const algorithmOf = (node: XmlNode | undefined): string =>
  node === undefined || childrenOf(node).length > 0 ? '' : (attributeOf(node, 'Algorithm') ?? '')

/** Exclusive canonicalization, as a transform or as the method of a signature; `undefined` for any other algorithm. */
function exclusiveOf(node: XmlNode | undefined): { readonly inclusive: readonly string[] } | undefined {
  const algorithm = (node && attributeOf(node, 'Algorithm')) ?? ''
  if (node === undefined || !exclusive.has(algorithm)) return undefined
  const [parameters, ...others] = childrenOf(node)
  if (parameters === undefined) return { inclusive: [] }
  if (others.length > 0 || !is(parameters, exclusiveNamespace, 'InclusiveNamespaces')) return undefined
  const listed = (attributeOf(parameters, 'PrefixList') ?? '').split(/[ \t\n]+/).filter((prefix) => prefix !== '')
  if (listed.length > prefixesMax) return undefined
  return { inclusive: listed.map((prefix) => (prefix === '#default' ? '' : prefix)) }
}

/**
 * What a signature that stands in an element says of that element: its canonical form without the signature, which is the text that
 * was signed, byte for byte. `undefined` unless the signature is good, is by one of the certificates, and is over this very element
 * and nothing else ("XML Signature Syntax and Processing", as SAML V2.0 Core, 5.4, narrows it down). What the message says of keys is
 * not looked at.
 */
export function signedText(element: XmlNode, signature: XmlNode, certificates: readonly string[]): string | undefined {
  const parts = exactly(signature, 'SignedInfo', 'SignatureValue', 'KeyInfo?')
  const [info, value] = parts ?? []
  if (info === undefined || value === undefined) return undefined
  const bytes = bytesOf(value)
  const method = exclusiveOf(exactly(info, 'CanonicalizationMethod', 'SignatureMethod', 'Reference')?.[0])
  const text = method && canonical(info, method)
  if (bytes === undefined || text === undefined) return undefined

  // INVARIANT: from here on the statement is what was signed, read anew, and not what it was made from.
  const said = parsed(text)
  const [, chosen, reference] = (said && exactly(said, 'CanonicalizationMethod', 'SignatureMethod', 'Reference')) ?? []
  if (reference === undefined) return undefined
  const algorithm = signing.get(algorithmOf(chosen))
  if (algorithm === undefined || !isSigned(text, bytes, algorithm, certificates)) return undefined
  return referenced(element, signature, reference)
}

/** The canonical form of an element without its signature, where a reference is to it and has its digest. */
function referenced(element: XmlNode, signature: XmlNode, reference: XmlNode): string | undefined {
  const id = attributeOf(element, 'ID') ?? ''
  if (id === '' || attributeOf(reference, 'URI') !== `#${id}`) return undefined
  const [transforms, digestMethod, digestValue] = exactly(reference, 'Transforms', 'DigestMethod', 'DigestValue') ?? []
  const [first, second] = (transforms && exactly(transforms, 'Transform', 'Transform')) ?? []
  const form = exclusiveOf(second)
  const hash = hashing.get(algorithmOf(digestMethod))
  if (algorithmOf(first) !== enveloped || form === undefined || hash === undefined || digestValue === undefined)
    return undefined
  const text = canonical(element, { ...form, without: signature })
  if (text === undefined || bytesOf(digestValue)?.equals(createHash(hash).update(text).digest()) !== true)
    return undefined
  return text
}

const isSigned = (
  text: string,
  bytes: Buffer,
  { key: type, hash }: { readonly key: 'rsa' | 'ec'; readonly hash: string },
  certificates: readonly string[],
): boolean =>
  certificates.some((certificate) => {
    const key = keyIn(certificate)
    if (key?.asymmetricKeyType !== type) return false
    if (type === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) < rsaBitsMin) return false
    try {
      return verify(hash, Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }, bytes)
    } catch {
      return false
    }
  })

/** The key in a certificate, DER in base64. Who has an expired certificate is still who it is: the metadata say until when. */
function keyIn(certificate: string): KeyObject | undefined {
  try {
    return new X509Certificate(Buffer.from(certificate, 'base64')).publicKey
  } catch {
    return undefined
  }
}

/** A document without remarks, its names resolved. */
export function parsed(text: string): XmlNode | undefined {
  const element = readXml(text, 'refused')
  return element && resolveNames(element)
}
