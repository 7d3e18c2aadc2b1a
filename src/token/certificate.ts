import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'

/** An X.509 certificate, as far as anybody here asks about it. Times are milliseconds since the epoch. */
export interface Certificate {
  readonly notBefore: number
  readonly notAfter: number
  /** SHA-256 of all of it: the same for the same certificate, however its text is laid out. */
  readonly fingerprint: string
  readonly x509: X509Certificate
}

/** Longer chains than any that browsers follow are not worth the time that checking them takes. */
const chainMax = 16

/** The blocks of one kind in a text in PEM; `undefined` where there is anything else in it but white space. */
function blocksOf(text: string, label: string): readonly string[] | undefined {
  const begin = `-----BEGIN ${label}-----`
  const end = `-----END ${label}-----`
  const blocks: string[] = []
  for (let at = 0; ; ) {
    const from = text.indexOf('-----', at)
    if (from < 0) return text.slice(at).trim() === '' ? blocks : undefined
    const to = text.indexOf(end, from)
    if (text.slice(at, from).trim() !== '' || !text.startsWith(begin, from) || to < 0) return undefined
    at = to + end.length
    blocks.push(text.slice(from, at))
  }
}

function parsed(block: string): Certificate | undefined {
  try {
    const x509 = new X509Certificate(block)
    const [notBefore, notAfter] = [Date.parse(x509.validFrom), Date.parse(x509.validTo)]
    if (Number.isNaN(notBefore) || Number.isNaN(notAfter)) return undefined
    return { notBefore, notAfter, fingerprint: x509.fingerprint256, x509 }
  } catch {
    return undefined
  }
}

/** The one certificate in a text in PEM; `undefined` for every other text. Never throws. */
export function readCertificate(text: string): Certificate | undefined {
  const blocks = blocksOf(text, 'CERTIFICATE')
  const [block] = blocks ?? []
  return blocks?.length === 1 && block !== undefined ? parsed(block) : undefined
}

/** The certificates of a chain, in their order; `undefined` where the text is not one. */
export function readChain(text: string): readonly Certificate[] | undefined {
  const blocks = blocksOf(text, 'CERTIFICATE') ?? []
  if (blocks.length === 0 || blocks.length > chainMax) return undefined
  const chain = blocks.flatMap((block) => parsed(block) ?? [])
  return chain.length === blocks.length ? chain : undefined
}

const signed = ({ x509 }: Certificate, by: Certificate): boolean => {
  try {
    return x509.checkIssued(by.x509) && x509.verify(by.x509.publicKey)
  } catch {
    return false
  }
}

/**
 * The first of a certificate (-1) and its chain (0, 1, …) that the next one in order did not sign; `undefined` where each did.
 * The last one may be signed by anybody.
 */
export function unsignedAt(certificate: Certificate, chain: readonly Certificate[]): number | undefined {
  const all = [certificate, ...chain]
  const at = all.findIndex((each, index) => {
    const next = all[index + 1]
    return next !== undefined && !signed(each, next)
  })
  return at < 0 ? undefined : at - 1
}

/** What a text is as a private key: of this certificate, of another, encrypted, or none at all. Never throws. */
export function keyOf(text: string, { x509 }: Certificate): 'own' | 'other' | 'encrypted' | 'none' {
  // Before anything is derived from a passphrase, at a cost that the text itself names.
  if (/ENCRYPTED/.test(text)) return 'encrypted'
  let key: KeyObject
  try {
    key = createPrivateKey(text)
  } catch {
    return 'none'
  }
  return x509.checkPrivateKey(key) ? 'own' : 'other'
}
