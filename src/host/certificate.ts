import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { Certificate } from './listen.ts'

/** Where a certificate (with its chain) and its key are kept, PEM. */
export interface CertificateFiles {
  readonly cert: string
  readonly key: string
}

/** Reads both, and throws a plain error where one cannot be read, is none, or does not belong to the other. */
export function readCertificate(files: CertificateFiles): Certificate {
  const read = (file: string): string => {
    try {
      return readFileSync(file, 'utf8')
    } catch (error) {
      throw new Error(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const certificate = { cert: read(files.cert), key: read(files.key) }
  try {
    createSecureContext(certificate)
  } catch {
    // OpenSSL's words name neither file, and may be about the key.
    throw new Error(`${files.cert} and ${files.key} are not a certificate and its key (PEM)`)
  }
  return certificate
}
