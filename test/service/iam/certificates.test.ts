import { beforeEach, describe, expect, test } from 'vitest'
import { issue, sshKey } from '../../token/x509.ts'
import { Authority, here, noon, there } from './authority.ts'

const root = issue('root', undefined, noon)
const middle = issue('middle', root, noon)
const leaf = issue('leaf', middle, noon)
const other = issue('other', undefined, noon)
const ended = issue('ended', undefined, noon, [-90, -1])
const early = issue('early', undefined, noon, [1, 90])

let iam: Authority
beforeEach(() => {
  iam = new Authority()
  for (const UserName of ['bob', 'eve']) iam.do('CreateUser', { UserName })
})

describe('a server certificate', () => {
  const chain = middle.certificate + root.certificate
  const upload = (more: object = {}, of = leaf) =>
    iam.told('UploadServerCertificate', {
      ServerCertificateName: 'site',
      CertificateBody: of.certificate,
      PrivateKey: of.key,
      ...more,
    })
  const broken = (index: number) =>
    `MalformedCertificate: Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, followed by any intermediaries in order. The index within the chain of the invalid certificate is: ${index}`
  const unreadable =
    'MalformedCertificate: Unable to parse certificate. Please ensure the certificate is in PEM format.'

  test('is uploaded, read, renamed, moved and deleted, and its key is told nobody', () => {
    const made = iam.do('UploadServerCertificate', {
      ServerCertificateName: 'site',
      Path: '/cloudfront/',
      CertificateBody: leaf.certificate,
      PrivateKey: leaf.key,
      CertificateChain: chain,
      Tags: [{ Key: 'k', Value: 'v' }],
    })
    const metadata = {
      Path: '/cloudfront/',
      ServerCertificateName: 'site',
      ServerCertificateId: expect.stringMatching(/^ASCA[A-Z2-7]{17}$/),
      Arn: `arn:aws:iam::${here}:server-certificate/cloudfront/site`,
      UploadDate: noon - 789,
      Expiration: Math.floor(noon / 1000) * 1000 + 90 * 86_400_000,
    }
    expect(made).toEqual({ ServerCertificateMetadata: metadata, Tags: [{ Key: 'k', Value: 'v' }] })
    const get = (ServerCertificateName: string) =>
      iam.do('GetServerCertificate', { ServerCertificateName }).ServerCertificate
    expect(get('site')).toEqual({
      ServerCertificateMetadata: metadata,
      CertificateBody: leaf.certificate.trim(),
      CertificateChain: chain.trim(),
      Tags: [{ Key: 'k', Value: 'v' }],
    })
    expect(iam.state.get('server-certificate', get('site').ServerCertificateMetadata.ServerCertificateId)?.secret).toBe(
      `glass ${leaf.key}`,
    )
    iam.do('UpdateServerCertificate', {
      ServerCertificateName: 'site',
      NewServerCertificateName: 'Site',
      NewPath: '/',
    })
    expect(get('Site').ServerCertificateMetadata).toEqual({
      ...metadata,
      Path: '/',
      ServerCertificateName: 'Site',
      Arn: `arn:aws:iam::${here}:server-certificate/Site`,
    })
    expect(iam.do('ListServerCertificates', {}).ServerCertificateMetadataList).toHaveLength(1)
    expect(iam.do('ListServerCertificates', { PathPrefix: '/x/' }).ServerCertificateMetadataList).toEqual([])
    expect(iam.do('GetAccountSummary', {}).SummaryMap?.ServerCertificates).toBe(1)
    iam.do('DeleteServerCertificate', { ServerCertificateName: 'Site' })
    expect(iam.told('DeleteServerCertificate', { ServerCertificateName: 'Site' })).toBe(
      'NoSuchEntity: The Server Certificate with name Site cannot be found.',
    )
  })

  test.each<[string, object, typeof leaf, string]>([
    ['alone is taken', {}, leaf, 'ok'],
    ['with its chain is taken', { CertificateChain: chain }, leaf, 'ok'],
    ['signed by itself is taken', {}, other, 'ok'],
    ['that is none is not', { CertificateBody: 'x' }, leaf, unreadable],
    ['whose chain is none is not', { CertificateChain: 'x' }, leaf, unreadable],
    ['QUIRK: chain-index. Whose chain skips one is not', { CertificateChain: root.certificate }, leaf, broken(-1)],
    ['whose chain breaks later is not', { CertificateChain: middle.certificate + other.certificate }, leaf, broken(0)],
    ['QUIRK: not-yet-valid. That has ended is not', {}, ended, broken(-1)],
    ['that has not begun is not', {}, early, broken(-1)],
    [
      'with the key of another is not',
      { PrivateKey: other.key },
      leaf,
      'KeyPairMismatch: The public key in the certificate and the private key do not match.',
    ],
    [
      'without a key in PEM is not',
      { PrivateKey: 'x' },
      leaf,
      'MalformedCertificate: Unable to parse key. Please ensure the key is in PEM format.',
    ],
    [
      'with an encrypted key is not',
      { PrivateKey: '-----BEGIN ENCRYPTED PRIVATE KEY-----' },
      leaf,
      'MalformedCertificate: Unable to parse key; the body is encrypted.',
    ],
    ['whose path has an empty step is taken', { Path: '/a//' }, leaf, 'ok'],
  ])('%s', (_, more, of, told) => {
    expect(upload(more, of)).toBe(told)
  })

  test('QUIRK: certificate-trimmed. It is given back without the white space around it', () => {
    upload({ CertificateBody: `\n${leaf.certificate}\r\n`, CertificateChain: `${chain}\n\n` })
    const { ServerCertificate } = iam.do('GetServerCertificate', { ServerCertificateName: 'site' })
    expect(ServerCertificate.Tags).toEqual([])
    expect(ServerCertificate.CertificateBody).toBe(leaf.certificate.trim())
    expect(ServerCertificate.CertificateChain).toBe(chain.trim())
  })

  test('has a name of its own in the account, and there are twenty', () => {
    upload()
    expect(upload({ ServerCertificateName: 'SITE' })).toBe(
      'EntityAlreadyExists: The Server Certificate with name SITE already exists.',
    )
    for (let at = 1; at < 20; at++) expect(upload({ ServerCertificateName: `site-${at}` })).toBe('ok')
    expect(upload({ ServerCertificateName: 'one-more' })).toBe(
      'LimitExceeded: Cannot exceed quota for ServerCertificatesPerAccount: 20',
    )
    expect(
      iam.told('UpdateServerCertificate', { ServerCertificateName: 'site', NewServerCertificateName: 'site-1' }),
    ).toContain('EntityAlreadyExists')
    expect(iam.told('GetServerCertificate', { ServerCertificateName: 'site' }, iam.root(there))).toContain(
      'NoSuchEntity',
    )
  })

  test('carries tags', () => {
    upload()
    const site = { ServerCertificateName: 'site' }
    iam.do('TagServerCertificate', { ...site, Tags: ['a', 'A'].map((Key) => ({ Key, Value: '' })) })
    iam.do('UntagServerCertificate', { ...site, TagKeys: ['a'] })
    expect(iam.do('ListServerCertificateTags', site).Tags).toEqual([{ Key: 'A', Value: '' }])
  })
})

describe('a signing certificate', () => {
  const upload = (of: { readonly certificate: string }, UserName?: string, caller = iam.caller) =>
    iam.told('UploadSigningCertificate', { UserName, CertificateBody: of.certificate }, caller)

  test('is uploaded, listed, switched off and on, and deleted', () => {
    const { Certificate } = iam.do('UploadSigningCertificate', { UserName: 'bob', CertificateBody: leaf.certificate })
    expect(Certificate).toEqual({
      UserName: 'bob',
      CertificateId: expect.stringMatching(/^[A-Z2-7]{32}$/),
      CertificateBody: leaf.certificate,
      Status: 'Active',
      UploadDate: noon - 789,
    })
    const { CertificateId } = Certificate
    const update = (Status: 'Active' | 'Inactive' | 'Expired', UserName = 'bob') =>
      iam.told('UpdateSigningCertificate', { UserName, CertificateId, Status })
    expect(update('Inactive')).toBe('ok')
    expect(iam.do('ListSigningCertificates', { UserName: 'bob' })).toEqual({
      Certificates: [{ ...Certificate, Status: 'Inactive' }],
      IsTruncated: false,
    })
    expect(update('Expired')).toBe('InvalidInput: The status of a certificate can be Active or Inactive.')
    expect(update('Active', 'eve')).toBe(`NoSuchEntity: The Certificate with id ${CertificateId} cannot be found.`)
    expect(iam.told('DeleteUser', { UserName: 'bob' })).toBe(
      'DeleteConflict: Cannot delete entity, must delete certificates first.',
    )
    iam.do('DeleteSigningCertificate', { UserName: 'bob', CertificateId })
    expect(iam.told('DeleteSigningCertificate', { UserName: 'bob', CertificateId })).toContain('NoSuchEntity')
    expect(iam.told('DeleteUser', { UserName: 'bob' })).toBe('ok')
  })

  test('is the caller’s own where nobody is named, and root’s has no name', () => {
    expect(upload(leaf, undefined, iam.user('bob'))).toBe('ok')
    expect(upload(other)).toBe('ok')
    expect(iam.do('ListSigningCertificates', {}).Certificates[0]).not.toHaveProperty('UserName')
    expect(iam.do('GetAccountSummary', {}).SummaryMap?.AccountSigningCertificatesPresent).toBe(1)
  })

  test('is one of two, of one user, valid, and a certificate', () => {
    expect(upload(leaf, 'bob')).toBe('ok')
    const duplicate = 'DuplicateCertificate: The certificate is already associated with a user in this account.'
    expect(upload({ certificate: `\n${leaf.certificate}` }, 'bob')).toBe(duplicate)
    expect(upload(leaf, 'eve')).toBe(duplicate)
    expect(upload(ended, 'bob')).toBe('InvalidCertificate: The certificate is not valid at this time.')
    expect(upload(early, 'bob')).toBe('InvalidCertificate: The certificate is not valid at this time.')
    expect(upload({ certificate: 'BODY' }, 'bob')).toBe('MalformedCertificate: Certificate BODY is malformed.')
    expect(upload({ certificate: leaf.key }, 'bob')).toBe('MalformedCertificate: Certificate is malformed.')
    expect(upload(middle, 'bob')).toBe('ok')
    expect(upload(root, 'bob')).toBe('LimitExceeded: Cannot exceed quota for CertificatesPerUser: 2')
  })
})

describe('an SSH public key', () => {
  const keys = Array.from({ length: 6 }, () => sshKey(2048))
  const [first = sshKey(2048)] = keys
  const upload = (SSHPublicKeyBody: string, UserName = 'bob') =>
    iam.told('UploadSSHPublicKey', { UserName, SSHPublicKeyBody })

  test('is uploaded, read in both ways, switched off, and deleted', () => {
    const { SSHPublicKey } = iam.do('UploadSSHPublicKey', {
      UserName: 'bob',
      SSHPublicKeyBody: `${first.ssh} bob@home`,
    })
    if (SSHPublicKey === undefined) throw new Error('no key')
    expect(SSHPublicKey).toEqual({
      UserName: 'bob',
      SSHPublicKeyId: expect.stringMatching(/^APKA[A-Z2-7]{17}$/),
      Fingerprint: expect.stringMatching(/^[0-9a-f]{2}(:[0-9a-f]{2}){15}$/),
      SSHPublicKeyBody: first.ssh,
      Status: 'Active',
      UploadDate: noon - 789,
    })
    const { SSHPublicKeyId } = SSHPublicKey
    const get = (Encoding: 'SSH' | 'PEM') =>
      iam.do('GetSSHPublicKey', { UserName: 'bob', SSHPublicKeyId, Encoding }).SSHPublicKey
    expect(get('SSH')).toEqual(SSHPublicKey)
    expect(get('PEM')).toEqual({ ...SSHPublicKey, SSHPublicKeyBody: first.pem.trim() })
    iam.do('UpdateSSHPublicKey', { UserName: 'bob', SSHPublicKeyId, Status: 'Inactive' })
    expect(iam.do('ListSSHPublicKeys', {}, iam.user('bob'))).toEqual({
      SSHPublicKeys: [{ UserName: 'bob', SSHPublicKeyId, Status: 'Inactive', UploadDate: noon - 789 }],
      IsTruncated: false,
    })
    const missing = `NoSuchEntity: The Public Key with id ${SSHPublicKeyId} cannot be found.`
    expect(iam.told('GetSSHPublicKey', { UserName: 'eve', SSHPublicKeyId, Encoding: 'SSH' })).toBe(missing)
    expect(iam.told('DeleteUser', { UserName: 'bob' })).toBe(
      'DeleteConflict: Cannot delete entity, must remove referenced objects first.',
    )
    iam.do('DeleteSSHPublicKey', { UserName: 'bob', SSHPublicKeyId })
    expect(iam.told('DeleteSSHPublicKey', { UserName: 'bob', SSHPublicKeyId })).toBe(missing)
    expect(iam.do('ListSSHPublicKeys', {}).SSHPublicKeys).toEqual([])
  })

  test('is one of five, and none of them twice for a user', () => {
    for (const { ssh } of keys.slice(0, 5)) expect(upload(ssh)).toBe('ok')
    expect(upload(`${first.ssh} again`)).toBe(
      'DuplicateSSHPublicKey: The public key is already associated with the user bob.',
    )
    expect(upload(first.pem)).toContain('DuplicateSSHPublicKey')
    expect(upload(first.ssh, 'eve')).toBe('ok')
    expect(upload(keys[5]?.ssh ?? '')).toBe('LimitExceeded: Cannot exceed quota for SSHPublicKeysPerUser: 5')
  })

  test('is an RSA key that is long enough', () => {
    expect(upload('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA')).toBe(
      'UnrecognizedPublicKeyEncoding: The public key must be encoded in ssh-rsa format or PEM format.',
    )
    expect(upload('ssh-rsa AAAA')).toBe('InvalidPublicKey: The public key is not an RSA key of at least 2048 bits.')
  })
})
