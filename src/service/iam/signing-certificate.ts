import { certificateId } from '../../base/id.ts'
import type * as Shape from '../../model/calls/iam.ts'
import type { SigningCertificate } from '../../state/credential.ts'
import { inAccount, ownedBy } from '../../state/index-keys.ts'
import type { View } from '../../state/view.ts'
import { readCertificate } from '../../token/certificate.ts'
import { type Failing, operationsOf } from '../operation.ts'
import { wholeSecond } from './make.ts'
import { namedAs, type Owner, ownerOf } from './owner.ts'
import { page } from './page.ts'
import { within } from './quota.ts'
import { mustBeSomeone, onSelf } from './self.ts'
import { switchable } from './status.ts'

const iam = operationsOf('iam')

function certificateOf(
  { state, fail }: { readonly state: View } & Failing<'NoSuchEntity'>,
  owner: Owner,
  id: string,
): SigningCertificate {
  const certificate = state.get('signing-certificate', id)
  if (certificate === undefined || certificate.owner !== owner.id)
    return fail('NoSuchEntity', `The Certificate with id ${id} cannot be found.`)
  return certificate
}

const shown = (owner: Owner, { id, body, status, createdAt }: SigningCertificate) =>
  // The cast stands for the root user, who has no name to tell, though the model requires one.
  ({
    ...namedAs(owner),
    CertificateId: id,
    CertificateBody: body,
    Status: status,
    UploadDate: createdAt,
  }) as Shape.SigningCertificate

/** What was sent is told again, as AWS does, but never where it is a key that was taken for a certificate. */
const malformed = (body: string): string =>
  body.includes('PRIVATE KEY') ? 'Certificate is malformed.' : `Certificate ${body} is malformed.`

export const uploadSigningCertificate = iam.write('UploadSigningCertificate', {
  level: 'write',
  check: mustBeSomeone,
  needs: ({ UserName }, scene) => [onSelf(scene, 'UploadSigningCertificate', UserName)],
  run: (scene, { UserName, CertificateBody }) => {
    const { state, caller, random, now, fail } = scene
    const owner = ownerOf(scene, UserName)
    const read = readCertificate(CertificateBody)
    if (read === undefined) return fail('MalformedCertificate', malformed(CertificateBody))
    if (now < read.notBefore || now > read.notAfter)
      fail('InvalidCertificate', 'The certificate is not valid at this time.')
    if (
      state
        .find('signing-certificate', inAccount(caller.account))
        .some(({ fingerprint }) => fingerprint === read.fingerprint)
    )
      fail('DuplicateCertificate', 'The certificate is already associated with a user in this account.')
    const held = state.find('signing-certificate', ownedBy(owner)).length
    within(scene, 'SigningCertificatesPerUserQuota', held + 1)
    const certificate: SigningCertificate = {
      kind: 'signing-certificate',
      id: certificateId(random),
      account: caller.account,
      owner: owner.id,
      body: CertificateBody,
      fingerprint: read.fingerprint,
      status: 'Active',
      createdAt: wholeSecond(now),
    }
    state.put(certificate)
    return { Certificate: shown(owner, certificate) }
  },
})

export const listSigningCertificates = iam.read('ListSigningCertificates', {
  level: 'list',
  check: mustBeSomeone,
  needs: ({ UserName }, scene) => [onSelf(scene, 'ListSigningCertificates', UserName)],
  run: (scene, input) => {
    const owner = ownerOf(scene, input.UserName)
    const certificates = scene.state.find('signing-certificate', ownedBy(owner))
    const order = ({ createdAt, id }: SigningCertificate) => `${createdAt} ${id}`
    const part = page(scene, input, `signing certificates ${owner.id}`, certificates, order)
    return { Certificates: part.shown.map((certificate) => shown(owner, certificate)), ...part.end }
  },
})

export const updateSigningCertificate = iam.write('UpdateSigningCertificate', {
  level: 'write',
  check: mustBeSomeone,
  needs: ({ UserName }, scene) => [onSelf(scene, 'UpdateSigningCertificate', UserName)],
  run: (scene, { UserName, CertificateId, Status }) => {
    const certificate = certificateOf(scene, ownerOf(scene, UserName), CertificateId)
    scene.state.put({ ...certificate, status: switchable(scene, 'InvalidInput', 'a certificate', Status) })
    return {}
  },
})

export const deleteSigningCertificate = iam.write('DeleteSigningCertificate', {
  level: 'write',
  check: mustBeSomeone,
  needs: ({ UserName }, scene) => [onSelf(scene, 'DeleteSigningCertificate', UserName)],
  run: (scene, { UserName, CertificateId }) => {
    scene.state.remove('signing-certificate', certificateOf(scene, ownerOf(scene, UserName), CertificateId).id)
    return {}
  },
})
