import { iamArn } from '../../base/arn.ts'
import type * as Shape from '../../model/calls/iam.ts'
import type { ServerCertificate } from '../../state/credential.ts'
import { arnOf, bindingOf } from '../../state/entity.ts'
import { inAccount } from '../../state/index-keys.ts'
import { type Certificate, keyOf, readCertificate, readChain, unsignedAt } from '../../token/certificate.ts'
import { type Failing, operationsOf } from '../operation.ts'
import { find, seek } from './lookup.ts'
import { mustBeFree, newborn } from './make.ts'
import { page } from './page.ts'
import { within } from './quota.ts'
import { shownTags, tagsIn } from './render.ts'
import { validTags } from './tagging.ts'
import { onNamed, onNew, onPath } from './target.ts'

const iam = operationsOf('iam')

const metadataOf = (certificate: ServerCertificate): Shape.ServerCertificateMetadata => ({
  Path: certificate.path,
  ServerCertificateName: certificate.name,
  ServerCertificateId: certificate.id,
  Arn: arnOf(certificate),
  UploadDate: certificate.createdAt,
  Expiration: certificate.expiresAt,
})

/** QUIRK: chain-index. AWS counts from the certificate's first issuer; the certificate itself is -1. */
const unsound = (scene: Failing<'MalformedCertificate'>, index: number): never =>
  scene.fail(
    'MalformedCertificate',
    `Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, followed by any intermediaries in order. The index within the chain of the invalid certificate is: ${index}`,
  )

interface Pem {
  readonly CertificateBody: string
  readonly PrivateKey: string
  readonly CertificateChain?: string | undefined
}

/** A certificate that is valid now, with its key and an unbroken chain, where there is one. */
function sound(
  scene: { readonly now: number } & Failing<'MalformedCertificate' | 'KeyPairMismatch'>,
  { CertificateBody, PrivateKey, CertificateChain }: Pem,
): Certificate {
  const { now, fail } = scene
  const unreadable = () =>
    fail('MalformedCertificate', 'Unable to parse certificate. Please ensure the certificate is in PEM format.')
  const certificate = readCertificate(CertificateBody) ?? unreadable()
  switch (keyOf(PrivateKey, certificate)) {
    case 'encrypted':
      return fail('MalformedCertificate', 'Unable to parse key; the body is encrypted.')
    case 'none':
      return fail('MalformedCertificate', 'Unable to parse key. Please ensure the key is in PEM format.')
    case 'other':
      return fail('KeyPairMismatch', 'The public key in the certificate and the private key do not match.')
    case 'own':
  }
  const chain = CertificateChain === undefined ? [] : (readChain(CertificateChain) ?? unreadable())
  const broken = unsignedAt(certificate, chain)
  if (broken !== undefined) return unsound(scene, broken)
  // QUIRK: not-yet-valid. AWS tells a certificate before or after its time as one that breaks its chain.
  const late = [certificate, ...chain].findIndex(({ notBefore, notAfter }) => now < notBefore || now > notAfter)
  return late < 0 ? certificate : unsound(scene, late - 1)
}

export const uploadServerCertificate = iam.write('UploadServerCertificate', {
  level: 'write',
  needs: ({ ServerCertificateName, Path, Tags }, scene) =>
    onNew(scene, 'UploadServerCertificate', {
      kind: 'server-certificate',
      name: ServerCertificateName,
      path: Path,
      tags: Tags,
    }),
  run: (scene, input) => {
    const { ServerCertificateName, Path, Tags, CertificateBody, CertificateChain, PrivateKey } = input
    const tags = validTags(scene, 'exact', Tags)
    mustBeFree(scene, 'server-certificate', ServerCertificateName)
    const { notAfter } = sound(scene, input)
    const held = scene.state.find('server-certificate', inAccount(scene.caller.account)).length
    within(scene, 'ServerCertificatesQuota', held + 1)
    const born = newborn(scene, 'ASCA', ServerCertificateName, Path)
    const row = { kind: 'server-certificate', id: born.id, account: born.account } as const
    const certificate: ServerCertificate = {
      ...born,
      ...row,
      expiresAt: notAfter,
      tags,
      // QUIRK: certificate-trimmed. A certificate and its chain are given back without the white space around them.
      body: CertificateBody.trim(),
      ...(CertificateChain === undefined ? {} : { chain: CertificateChain.trim() }),
      secret: scene.vault.seal(PrivateKey, bindingOf(row)),
    }
    scene.state.put(certificate)
    return { ServerCertificateMetadata: metadataOf(certificate), ...tagsIn(certificate) }
  },
})

/** The private key is told nobody: only services that show the certificate would use it. */
export const getServerCertificate = iam.read('GetServerCertificate', {
  level: 'read',
  needs: ({ ServerCertificateName }, scene) => [
    onNamed(scene, 'GetServerCertificate', 'server-certificate', ServerCertificateName),
  ],
  run: (scene, { ServerCertificateName }) => {
    const certificate = find(scene, 'server-certificate', ServerCertificateName)
    return {
      ServerCertificate: {
        ServerCertificateMetadata: metadataOf(certificate),
        CertificateBody: certificate.body,
        ...(certificate.chain === undefined ? {} : { CertificateChain: certificate.chain }),
        Tags: shownTags(certificate.tags),
      },
    }
  },
})

export const listServerCertificates = iam.read('ListServerCertificates', {
  level: 'list',
  needs: ({ PathPrefix }, scene) => [onPath(scene, 'ListServerCertificates', 'server-certificate', PathPrefix)],
  run: (scene, input) => {
    const { account } = scene.caller
    const certificates = scene.state
      .find('server-certificate', inAccount(account))
      .filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'))
    const { shown, end } = page(scene, input, `server certificates ${account}`, certificates, ({ name }) => name)
    return { ServerCertificateMetadataList: shown.map(metadataOf), ...end }
  },
})

export const updateServerCertificate = iam.write('UpdateServerCertificate', {
  level: 'write',
  needs: ({ ServerCertificateName: name, NewServerCertificateName, NewPath }, scene) => {
    const from = onNamed(scene, 'UpdateServerCertificate', 'server-certificate', name)
    const path = NewPath ?? seek(scene, 'server-certificate', name)?.path ?? '/'
    const to = iamArn(scene.caller.account, `server-certificate${path}${NewServerCertificateName ?? name}`)
    // Who may change one under the old name or path must be allowed to have one under the new.
    return to === from.resource ? [from] : [from, { ...from, resource: to, noun: to }]
  },
  run: (scene, { ServerCertificateName, NewServerCertificateName, NewPath }) => {
    const certificate = find(scene, 'server-certificate', ServerCertificateName)
    if (NewServerCertificateName !== undefined)
      mustBeFree(scene, 'server-certificate', NewServerCertificateName, certificate.id)
    scene.state.put({
      ...certificate,
      name: NewServerCertificateName ?? certificate.name,
      path: NewPath ?? certificate.path,
    })
    return {}
  },
})

export const deleteServerCertificate = iam.write('DeleteServerCertificate', {
  level: 'write',
  needs: ({ ServerCertificateName }, scene) => [
    onNamed(scene, 'DeleteServerCertificate', 'server-certificate', ServerCertificateName),
  ],
  run: (scene, { ServerCertificateName }) => {
    scene.state.remove('server-certificate', find(scene, 'server-certificate', ServerCertificateName).id)
    return {}
  },
})
