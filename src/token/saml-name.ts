import { createHash } from 'node:crypto'

/**
 * What `saml:namequalifier` is: a digest of issuer, account and provider (STS API Reference, AssumeRoleWithSAML: base64 of the SHA-1 of
 * `https://example.com/saml` + `123456789012` + `/MySAMLIdP`). Nothing is kept secret by it.
 */
export const nameQualifier = (issuer: string, account: string, provider: string): string =>
  createHash('sha1').update(`${issuer}${account}/${provider}`).digest('base64')

/**
 * What an assertion is remembered by. Ids are an issuer's own affair; and who calls a provider of another account by the same issuer
 * uses up nothing here.
 */
export const assertionDigest = (account: string, issuer: string, id: string): string =>
  createHash('sha256').update(`${account}\0${issuer}\0${id}`).digest('hex')
