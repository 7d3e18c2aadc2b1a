import { Buffer } from 'node:buffer'
import { readXml } from '../base/xml.ts'
import { opened, utf8 } from './xml-encryption.ts'
import {
  attributeOf,
  childNamed,
  childrenNamed,
  childrenOf,
  everyNode,
  is,
  resolveNames,
  textOf,
  type XmlNode,
} from './xml-node.ts'
import { parsed, signatureNamespace, signedText } from './xml-signature.ts'

export const assertionNamespace = 'urn:oasis:names:tc:SAML:2.0:assertion'
const protocolNamespace = 'urn:oasis:names:tc:SAML:2.0:protocol'
const success = 'urn:oasis:names:tc:SAML:2.0:status:Success'

/** Whose word is taken, and how it may come. */
export interface SamlTrust {
  /** The entity id. */
  readonly issuer: string
  /** DER in base64. */
  readonly certificates: readonly string[]
  readonly encryption?: 'Required' | 'Allowed'
  /** The private keys, PEM, that assertions may be encrypted for. Asked for where one is. */
  readonly keys: () => readonly string[]
}

/** What keeps a response from being believed. It says no more than who sent it may know. */
export type SamlTrouble = 'form' | 'status' | 'issuer' | 'encryption' | 'signature'

const bytesMax = 256 * 1024

/**
 * The assertion in a response (SAML V2.0 Bindings, 3.5: base64 of XML), as the provider said it. INVARIANT: what is handed out was
 * read from the very text that a signature of the provider's is good for, never from the message around it; so whatever else the
 * message holds, and wherever, is nobody's word.
 */
export function provenAssertion(message: string, trust: SamlTrust): XmlNode | SamlTrouble {
  const response = responseIn(message)
  const held = response && heldIn(response)
  if (response === undefined || held === undefined) return 'form'
  if (!succeeded(response)) return 'status'
  // Not proven yet: who is told of a wrong issuer before a wrong signature is told the likelier one of two.
  if ([response, held].some((node) => !isFrom(node, trust.issuer))) return 'issuer'

  const signature = signatureOf(response)
  const vouched = signature && parsed(signedText(response, signature, trust.certificates) ?? '')
  const vouchedHeld = vouched && heldIn(vouched)
  if (signature !== undefined && vouchedHeld === undefined) return 'signature'

  const found =
    held.name === 'Assertion'
      ? trust.encryption === 'Required'
        ? undefined
        : { assertion: held, vouched: vouchedHeld }
      : openedIn(response, held, vouchedHeld, trust)
  if (found === undefined) return 'encryption'
  const { assertion } = found
  // A response and its assertion may both be signed. Then both signatures are good.
  const own = signatureOf(assertion)
  if (own === undefined) return found.vouched ?? 'signature'
  return parsed(signedText(assertion, own, trust.certificates) ?? '') ?? 'signature'
}

/** White space in the base64 is passed over; apart from it, one message has one text. */
function responseIn(message: string): XmlNode | undefined {
  const compact = message.replace(/[ \t\r\n]+/g, '')
  const bytes = Buffer.from(compact, 'base64')
  if (bytes.toString('base64') !== compact || bytes.length > bytesMax) return undefined
  const text = utf8(bytes)
  const root = text === undefined ? undefined : parsed(text)
  if (root === undefined || !is(root, protocolNamespace, 'Response') || attributeOf(root, 'Version') !== '2.0')
    return undefined
  return isSound([root]) ? root : undefined
}

/**
 * Whether these, together, leave no doubt about what is meant: every id is there once, there is no assertion but the one that the
 * response holds, and signatures stand only where they are looked for.
 */
function isSound(roots: readonly XmlNode[]): boolean {
  const ids = new Set<string>()
  const places = new Set<XmlNode>()
  let held = 0
  for (const root of roots) {
    places.add(root)
    for (const child of childrenOf(root)) if (is(child, assertionNamespace, 'Assertion')) places.add(child)
    for (const node of everyNode(root)) {
      for (const { name, value } of node.attributes) {
        if (name.toLowerCase() !== 'id') continue
        if (value === '' || ids.has(value)) return false
        ids.add(value)
      }
      if (node.name === 'Assertion' || node.name === 'EncryptedAssertion') held++
      const signatures = childrenNamed(node, signatureNamespace, 'Signature').length
      if (signatures > (places.has(node) ? 1 : 0)) return false
    }
  }
  return held === roots.length
}

/** The assertion that a response holds, in the open or encrypted. */
function heldIn(response: XmlNode): XmlNode | undefined {
  const [held, ...more] = ['Assertion', 'EncryptedAssertion'].flatMap((name) =>
    childrenNamed(response, assertionNamespace, name),
  )
  return more.length === 0 ? held : undefined
}

interface Opened {
  readonly assertion: XmlNode
  /** The assertion as the response's signature stands for it, where there is one. */
  readonly vouched: XmlNode | undefined
}

/**
 * What is inside an encrypted assertion. Its prefixes may be those of the message around it: of the one that came, as far as a
 * signature of its own will tell; of the one that was signed, where that signature is all there is.
 */
function openedIn(
  response: XmlNode,
  held: XmlNode,
  vouched: XmlNode | undefined,
  { keys }: SamlTrust,
): Opened | undefined {
  const text = opened(vouched ?? held, keys(), vouched === undefined ? 'unsigned' : 'signed')
  const element = text === undefined ? undefined : readXml(text, 'refused')
  const assertion = element && resolveNames(element, held.scope)
  if (element === undefined || assertion === undefined || !is(assertion, assertionNamespace, 'Assertion'))
    return undefined
  return isSound([response, assertion])
    ? { assertion, vouched: vouched && resolveNames(element, vouched.scope) }
    : undefined
}

const signatureOf = (node: XmlNode): XmlNode | undefined => childNamed(node, signatureNamespace, 'Signature')

function succeeded(response: XmlNode): boolean {
  const status = childNamed(response, protocolNamespace, 'Status')
  const code = status && childNamed(status, protocolNamespace, 'StatusCode')
  return code !== undefined && attributeOf(code, 'Value') === success
}

/** Whether an element names no other issuer. */
const isFrom = (node: XmlNode, issuer: string): boolean =>
  childrenNamed(node, assertionNamespace, 'Issuer').every((said) => textOf(said)?.trim() === issuer)
