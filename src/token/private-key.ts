import { createPrivateKey } from 'node:crypto'

/** Whether the text is an RSA private key in PEM, not encrypted, of at least so many bits. */
export function isRsaPrivateKey(pem: string, bitsMin: number): boolean {
  try {
    const key = createPrivateKey({ key: pem, format: 'pem' })
    return key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= bitsMin
  } catch {
    return false
  }
}
