import { X509Certificate } from 'node:crypto'
import { readXml, type XmlElement } from '../base/xml.ts'

/** What an identity provider says of itself, as far as its assertions are held to it. */
export interface SamlMetadata {
  /** The entity id: what assertions have as their issuer. */
  readonly issuer: string
  /** DER in base64: the certificates that assertions may be signed with. At least one. */
  readonly certificates: readonly string[]
  /** Milliseconds since the epoch, whole seconds; `undefined` where the document says nothing. */
  readonly validUntil: number | undefined
}

const metadata = 'urn:oasis:names:tc:SAML:2.0:metadata'
const signature = 'http://www.w3.org/2000/09/xmldsig#'

/** An element, and the one around it: namespaces are declared on the way up. */
interface Placed {
  readonly element: XmlElement
  readonly outer: Placed | undefined
}

/** Whether it is that element of that namespace, whatever prefix the document has for it. */
function is(placed: Placed, namespace: string, name: string): boolean {
  const qualified = placed.element.name
  const colon = qualified.indexOf(':')
  if (qualified.slice(colon + 1) !== name) return false
  const declaration = colon < 0 ? 'xmlns' : `xmlns:${qualified.slice(0, colon)}`
  // Looked up, not gathered on the way down: elements are at most 64 deep, and declarations may be many.
  for (let at: Placed | undefined = placed; at !== undefined; at = at.outer) {
    const declared = at.element.attributes.get(declaration)
    if (declared !== undefined) return declared === namespace
  }
  return false
}

const inside = (outer: readonly Placed[], namespace: string, name: string): readonly Placed[] =>
  outer.flatMap((around) =>
    around.element.children
      .map((element) => ({ element, outer: around }))
      .filter((child) => is(child, namespace, name)),
  )

const issuerMax = 1024

/**
 * The metadata of one identity provider ("Metadata for the OASIS SAML V2.0", 2.4.3), or `undefined` where the document is none: not
 * well-formed, with a document type, of more than one entity, without entity id or signing certificate.
 */
export function readSamlMetadata(document: string): SamlMetadata | undefined {
  const read = readXml(document)
  if (read === undefined) return undefined
  const root = { element: read, outer: undefined }
  const issuer = read.attributes.get('entityID') ?? ''
  if (!is(root, metadata, 'EntityDescriptor') || issuer === '' || issuer.length > issuerMax) return undefined

  const roles = inside([root], metadata, 'IDPSSODescriptor')
  const keys = inside(roles, metadata, 'KeyDescriptor').filter(
    ({ element }) => (element.attributes.get('use') ?? 'signing') === 'signing',
  )
  const data = inside(inside(keys, signature, 'KeyInfo'), signature, 'X509Data')
  const certificates = inside(data, signature, 'X509Certificate').map(({ element }) => derOf(element.text))
  const ends = [root, ...roles].flatMap(({ element }) => element.attributes.get('validUntil') ?? []).map(timeOf)
  // One that cannot be read is one more than can be believed.
  const known = certificates.filter((der) => der !== undefined)
  if (known.length === 0 || known.length < certificates.length || ends.some(Number.isNaN)) return undefined
  return {
    issuer,
    certificates: [...new Set(known)],
    validUntil: ends.length === 0 ? undefined : Math.min(...ends),
  }
}

const base64 = /^[A-Za-z0-9+/]+={0,2}$/

/** The certificate in its one spelling; `undefined` where the text is none. */
function derOf(text: string): string | undefined {
  const compact = text.replace(/\s+/g, '')
  if (!base64.test(compact)) return undefined
  try {
    return new X509Certificate(Buffer.from(compact, 'base64')).raw.toString('base64')
  } catch {
    return undefined
  }
}

const dateTime = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?$/

/** A time of XML Schema; without a zone it is UTC. */
export function timeOf(text: string): number {
  const [, seconds, zone = 'Z'] = dateTime.exec(text.trim()) ?? []
  return seconds === undefined ? Number.NaN : Date.parse(`${seconds}${zone}`)
}
