import { expect } from 'vitest'
import { issue, sshKey } from '../../token/x509.ts'
import { refusal } from '../actor.ts'
import { arn, home, type Rows, Tags } from './stage.ts'

const Password = 'correct-Horse-7-battery'

export const credentials = {
  CreateLoginProfile: async (stage) => {
    const UserName = await stage.user()
    const made = await stage.iam.createLoginProfile({ UserName, Password, PasswordResetRequired: true })
    expect(made.LoginProfile).toEqual({ UserName, CreateDate: expect.any(Date), PasswordResetRequired: true })
  },
  GetLoginProfile: async (stage) => {
    const UserName = await stage.user()
    const made = await stage.iam.createLoginProfile({ UserName, Password })
    expect((await stage.iam.getLoginProfile({ UserName })).LoginProfile).toEqual({
      ...made.LoginProfile,
      PasswordResetRequired: false,
    })
  },
  UpdateLoginProfile: async (stage) => {
    const UserName = await stage.user()
    const own = await stage.keyed(UserName, 'iam:ChangePassword')
    await stage.iam.createLoginProfile({ UserName, Password })
    await stage.iam.updateLoginProfile({ UserName, Password: `${Password}-2`, PasswordResetRequired: true })
    expect((await stage.iam.getLoginProfile({ UserName })).LoginProfile?.PasswordResetRequired).toBe(true)
    await own.changePassword({ OldPassword: `${Password}-2`, NewPassword: `${Password}-3` })
  },
  DeleteLoginProfile: async (stage) => {
    const UserName = await stage.user()
    await stage.iam.createLoginProfile({ UserName, Password })
    await stage.iam.deleteLoginProfile({ UserName })
    expect((await refusal(stage.iam.getLoginProfile({ UserName }))).code).toBe('NoSuchEntity')
  },
  ChangePassword: async (stage) => {
    const UserName = await stage.user()
    const own = await stage.keyed(UserName, 'iam:ChangePassword')
    await stage.iam.createLoginProfile({ UserName, Password })
    await own.changePassword({ OldPassword: Password, NewPassword: `${Password}-2` })
    const again = own.changePassword({ OldPassword: Password, NewPassword: `${Password}-3` })
    expect((await refusal(again)).message).toBe('The old password was incorrect.')
  },

  UpdateAccountPasswordPolicy: async (stage) => {
    const given = {
      MinimumPasswordLength: 8,
      RequireSymbols: true,
      RequireNumbers: true,
      RequireUppercaseCharacters: true,
      RequireLowercaseCharacters: true,
      AllowUsersToChangePassword: true,
      MaxPasswordAge: 90,
      PasswordReusePrevention: 3,
      HardExpiry: true,
    }
    await stage.iam.updateAccountPasswordPolicy(given)
    const { PasswordPolicy } = await stage.iam.getAccountPasswordPolicy({})
    expect(PasswordPolicy).toEqual({ ...given, ExpirePasswords: true })
    await stage.iam.deleteAccountPasswordPolicy({})
  },
  GetAccountPasswordPolicy: async (stage) => {
    await stage.iam.updateAccountPasswordPolicy({})
    const { PasswordPolicy } = await stage.iam.getAccountPasswordPolicy({})
    expect(PasswordPolicy).toEqual({
      MinimumPasswordLength: 6,
      RequireSymbols: false,
      RequireNumbers: false,
      RequireUppercaseCharacters: false,
      RequireLowercaseCharacters: false,
      AllowUsersToChangePassword: false,
      ExpirePasswords: false,
    })
    await stage.iam.updateAccountPasswordPolicy({ MaxPasswordAge: 1, PasswordReusePrevention: 1, HardExpiry: false })
    expect((await stage.iam.getAccountPasswordPolicy({})).PasswordPolicy).toMatchObject({
      ExpirePasswords: true,
      MaxPasswordAge: 1,
      PasswordReusePrevention: 1,
      HardExpiry: false,
    })
    await stage.iam.deleteAccountPasswordPolicy({})
  },
  DeleteAccountPasswordPolicy: async (stage) => {
    await stage.iam.updateAccountPasswordPolicy({})
    await stage.iam.deleteAccountPasswordPolicy({})
    expect(await refusal(stage.iam.getAccountPasswordPolicy({}))).toEqual({
      code: 'NoSuchEntity',
      message: `The Password Policy with domain name ${home} cannot be found.`,
      status: 404,
    })
  },

  CreateVirtualMFADevice: async (stage) => {
    const VirtualMFADeviceName = stage.name()
    const { VirtualMFADevice } = await stage.iam.createVirtualMFADevice({ VirtualMFADeviceName, Path: '/p/', Tags })
    expect(VirtualMFADevice).toEqual({
      SerialNumber: arn(`mfa/p/${VirtualMFADeviceName}`),
      Base32StringSeed: expect.any(Uint8Array),
      QRCodePNG: expect.any(Uint8Array),
      Tags,
    })
    expect(Buffer.from(VirtualMFADevice?.Base32StringSeed ?? []).toString()).toMatch(/^[A-Z2-7]{64}$/)
  },
  EnableMFADevice: async (stage) => {
    const UserName = await stage.user()
    const phone = await stage.device()
    await stage.iam.enableMFADevice({ UserName, SerialNumber: phone.serial, ...phone.codes(-1) })
    expect((await stage.iam.listMFADevices({ UserName })).MFADevices).toMatchObject([{ SerialNumber: phone.serial }])
  },
  GetMFADevice: async (stage) => {
    const UserName = await stage.user()
    const { serial: SerialNumber } = await stage.enabled(UserName)
    expect(await stage.iam.getMFADevice({ UserName, SerialNumber })).toMatchObject({
      UserName,
      SerialNumber,
      EnableDate: expect.any(Date),
    })
  },
  ListMFADevices: async (stage) => {
    const UserName = await stage.user()
    const serials = [(await stage.enabled(UserName)).serial, (await stage.enabled(UserName)).serial]
    const listed = await stage.pages(
      (part) => stage.iam.listMFADevices({ UserName, ...part }),
      ({ MFADevices }) => MFADevices,
    )
    expect(listed).toEqual(serials.map((SerialNumber) => ({ UserName, SerialNumber, EnableDate: expect.any(Date) })))
  },
  ListVirtualMFADevices: async (stage) => {
    const UserName = await stage.user({ Tags })
    const { serial } = await stage.enabled(UserName)
    const { serial: loose } = await stage.device({ Tags })
    const listed = await stage.pages(
      (part) => stage.iam.listVirtualMFADevices(part),
      ({ VirtualMFADevices }) => VirtualMFADevices,
    )
    const of = (wanted: string) => listed.find(({ SerialNumber }) => SerialNumber === wanted)
    expect(of(serial)).toMatchObject({ User: { UserName }, EnableDate: expect.any(Date) })
    expect(of(loose)).toEqual({ SerialNumber: loose })
    const serials = async (AssignmentStatus: 'Assigned' | 'Unassigned') =>
      (await stage.iam.listVirtualMFADevices({ AssignmentStatus })).VirtualMFADevices?.map(
        ({ SerialNumber }) => SerialNumber,
      )
    expect(await serials('Assigned')).toContain(serial)
    expect(await serials('Assigned')).not.toContain(loose)
    expect(await serials('Unassigned')).toContain(loose)
    expect(await serials('Unassigned')).not.toContain(serial)
  },
  ResyncMFADevice: async (stage) => {
    const UserName = await stage.user()
    const phone = await stage.enabled(UserName)
    const resync = (steps: number) =>
      stage.iam.resyncMFADevice({ UserName, SerialNumber: phone.serial, ...phone.codes(steps) })
    await resync(10)
    // Both codes are spent.
    expect((await refusal(resync(10))).code).toBe('InvalidAuthenticationCode')
  },
  DeactivateMFADevice: async (stage) => {
    const UserName = await stage.user()
    const { serial: SerialNumber } = await stage.enabled(UserName)
    await stage.iam.deactivateMFADevice({ UserName, SerialNumber })
    expect((await stage.iam.listMFADevices({ UserName })).MFADevices).toEqual([])
  },
  DeleteVirtualMFADevice: async (stage) => {
    const { serial: SerialNumber } = await stage.device()
    await stage.iam.deleteVirtualMFADevice({ SerialNumber })
    const { VirtualMFADevices } = await stage.iam.listVirtualMFADevices({ MaxItems: 1000 })
    expect(VirtualMFADevices?.map((one) => one.SerialNumber)).not.toContain(SerialNumber)
  },

  UploadSSHPublicKey: async (stage) => {
    const UserName = await stage.user()
    const { ssh: SSHPublicKeyBody } = sshKey(2048)
    expect((await stage.iam.uploadSSHPublicKey({ UserName, SSHPublicKeyBody })).SSHPublicKey).toEqual({
      UserName,
      SSHPublicKeyId: expect.stringMatching(/^APKA[A-Z0-9]{17}$/),
      Fingerprint: expect.any(String),
      SSHPublicKeyBody,
      Status: 'Active',
      UploadDate: expect.any(Date),
    })
  },
  GetSSHPublicKey: async (stage) => {
    const UserName = await stage.user()
    const { ssh, pem } = sshKey(2048)
    const made = await stage.iam.uploadSSHPublicKey({ UserName, SSHPublicKeyBody: ssh })
    const { SSHPublicKeyId } = made.SSHPublicKey ?? {}
    const got = async (Encoding: 'SSH' | 'PEM') =>
      (await stage.iam.getSSHPublicKey({ UserName, SSHPublicKeyId, Encoding })).SSHPublicKey
    expect(await got('SSH')).toEqual(made.SSHPublicKey)
    expect(await got('PEM')).toEqual({ ...made.SSHPublicKey, SSHPublicKeyBody: pem.trim() })
  },
  ListSSHPublicKeys: async (stage) => {
    const UserName = await stage.user()
    const ids = [await stage.sshKey(UserName), await stage.sshKey(UserName)]
    const listed = await stage.pages(
      (part) => stage.iam.listSSHPublicKeys({ UserName, ...part }),
      ({ SSHPublicKeys }) => SSHPublicKeys,
    )
    expect(listed.map(({ SSHPublicKeyId }) => SSHPublicKeyId).sort()).toEqual(ids.sort())
  },
  UpdateSSHPublicKey: async (stage) => {
    const UserName = await stage.user()
    const SSHPublicKeyId = await stage.sshKey(UserName)
    await stage.iam.updateSSHPublicKey({ UserName, SSHPublicKeyId, Status: 'Inactive' })
    expect((await stage.iam.listSSHPublicKeys({ UserName })).SSHPublicKeys).toMatchObject([{ Status: 'Inactive' }])
  },
  DeleteSSHPublicKey: async (stage) => {
    const UserName = await stage.user()
    const SSHPublicKeyId = await stage.sshKey(UserName)
    await stage.iam.deleteSSHPublicKey({ UserName, SSHPublicKeyId })
    expect((await stage.iam.listSSHPublicKeys({ UserName })).SSHPublicKeys).toEqual([])
  },

  UploadSigningCertificate: async (stage) => {
    const UserName = await stage.user()
    const { certificate: CertificateBody } = issue(stage.name(), undefined, Date.now())
    expect((await stage.iam.uploadSigningCertificate({ UserName, CertificateBody })).Certificate).toEqual({
      UserName,
      CertificateId: expect.stringMatching(/^[A-Z0-9]{24,}$/),
      CertificateBody,
      Status: 'Active',
      UploadDate: expect.any(Date),
    })
  },
  ListSigningCertificates: async (stage) => {
    const UserName = await stage.user()
    const ids = [await stage.signingCertificate(UserName), await stage.signingCertificate(UserName)]
    const listed = await stage.pages(
      (part) => stage.iam.listSigningCertificates({ UserName, ...part }),
      ({ Certificates }) => Certificates,
    )
    expect(listed.map(({ CertificateId }) => CertificateId).sort()).toEqual(ids.sort())
  },
  UpdateSigningCertificate: async (stage) => {
    const UserName = await stage.user()
    const CertificateId = await stage.signingCertificate(UserName)
    await stage.iam.updateSigningCertificate({ UserName, CertificateId, Status: 'Inactive' })
    expect((await stage.iam.listSigningCertificates({ UserName })).Certificates).toMatchObject([{ Status: 'Inactive' }])
  },
  DeleteSigningCertificate: async (stage) => {
    const UserName = await stage.user()
    const CertificateId = await stage.signingCertificate(UserName)
    await stage.iam.deleteSigningCertificate({ UserName, CertificateId })
    expect((await stage.iam.listSigningCertificates({ UserName })).Certificates).toEqual([])
  },

  UploadServerCertificate: async (stage) => {
    const root = issue('root', undefined, Date.now())
    const ServerCertificateName = stage.name()
    const leaf = issue(ServerCertificateName, root, Date.now())
    const made = await stage.iam.uploadServerCertificate({
      ServerCertificateName,
      Path: '/p/',
      CertificateBody: leaf.certificate,
      CertificateChain: root.certificate,
      PrivateKey: leaf.key,
      Tags,
    })
    expect(made).toMatchObject({
      ServerCertificateMetadata: {
        Path: '/p/',
        ServerCertificateName,
        ServerCertificateId: expect.stringMatching(/^ASCA[A-Z0-9]{17}$/),
        Arn: arn(`server-certificate/p/${ServerCertificateName}`),
        UploadDate: expect.any(Date),
        Expiration: expect.any(Date),
      },
      Tags,
    })
  },
  GetServerCertificate: async (stage) => {
    const root = issue('root', undefined, Date.now())
    const leaf = issue('leaf', root, Date.now())
    const ServerCertificateName = await stage.serverCertificate({
      CertificateBody: leaf.certificate,
      CertificateChain: root.certificate,
      PrivateKey: leaf.key,
      Tags,
    })
    expect((await stage.iam.getServerCertificate({ ServerCertificateName })).ServerCertificate).toMatchObject({
      ServerCertificateMetadata: { ServerCertificateName, Path: '/' },
      CertificateBody: leaf.certificate.trim(),
      CertificateChain: root.certificate.trim(),
      Tags,
    })
  },
  ListServerCertificates: async (stage) => {
    const PathPrefix = `/${stage.name()}/`
    const names = [
      await stage.serverCertificate({ Path: PathPrefix }),
      await stage.serverCertificate({ Path: PathPrefix }),
    ]
    const listed = await stage.pages(
      (part) => stage.iam.listServerCertificates({ PathPrefix, ...part }),
      ({ ServerCertificateMetadataList }) => ServerCertificateMetadataList,
    )
    expect(listed.map(({ ServerCertificateName }) => ServerCertificateName)).toEqual(names)
  },
  UpdateServerCertificate: async (stage) => {
    const ServerCertificateName = await stage.serverCertificate()
    const NewServerCertificateName = stage.name()
    await stage.iam.updateServerCertificate({ ServerCertificateName, NewServerCertificateName, NewPath: '/new/' })
    const got = await stage.iam.getServerCertificate({ ServerCertificateName: NewServerCertificateName })
    expect(got.ServerCertificate?.ServerCertificateMetadata?.Arn).toBe(
      arn(`server-certificate/new/${NewServerCertificateName}`),
    )
  },
  DeleteServerCertificate: async (stage) => {
    const ServerCertificateName = await stage.serverCertificate()
    await stage.iam.deleteServerCertificate({ ServerCertificateName })
    expect((await refusal(stage.iam.getServerCertificate({ ServerCertificateName }))).code).toBe('NoSuchEntity')
  },

  CreateServiceSpecificCredential: async (stage) => {
    const UserName = await stage.user()
    const forGit = await stage.iam.createServiceSpecificCredential({
      UserName,
      ServiceName: 'codecommit.amazonaws.com',
    })
    const shown = {
      CreateDate: expect.any(Date),
      ServiceSpecificCredentialId: expect.stringMatching(/^ACCA[A-Z0-9]{17}$/),
      UserName,
      Status: 'Active',
    }
    expect(forGit.ServiceSpecificCredential).toEqual({
      ...shown,
      ServiceName: 'codecommit.amazonaws.com',
      ServiceUserName: `${UserName}-at-${home}`,
      ServicePassword: expect.any(String),
    })
    const key = await stage.iam.createServiceSpecificCredential({
      UserName,
      ServiceName: 'bedrock.amazonaws.com',
      CredentialAgeDays: 30,
    })
    expect(key.ServiceSpecificCredential).toEqual({
      ...shown,
      ServiceName: 'bedrock.amazonaws.com',
      ServiceCredentialAlias: expect.any(String),
      ServiceCredentialSecret: expect.stringMatching(/^ABSK/),
      ExpirationDate: expect.any(Date),
    })
  },
  ListServiceSpecificCredentials: async (stage) => {
    const UserName = await stage.user()
    const git = await stage.serviceCredential(UserName)
    await stage.iam.createServiceSpecificCredential({
      UserName,
      ServiceName: 'bedrock.amazonaws.com',
      CredentialAgeDays: 30,
    })
    const listed = await stage.pages(
      (part) => stage.iam.listServiceSpecificCredentials({ UserName, ...part }),
      ({ ServiceSpecificCredentials }) => ServiceSpecificCredentials,
    )
    expect(listed).toHaveLength(2)
    const ids = async (more: object) =>
      (await stage.iam.listServiceSpecificCredentials(more)).ServiceSpecificCredentials?.map(
        ({ ServiceSpecificCredentialId }) => ServiceSpecificCredentialId,
      )
    expect(await ids({ UserName, ServiceName: 'codecommit.amazonaws.com' })).toEqual([git])
    expect(await ids({ AllUsers: true })).toEqual(expect.arrayContaining([git]))
  },
  ResetServiceSpecificCredential: async (stage) => {
    const UserName = await stage.user()
    const reset = async (ServiceName: string) => {
      const { ServiceSpecificCredential: made } = await stage.iam.createServiceSpecificCredential({
        UserName,
        ServiceName,
        ...(ServiceName.startsWith('bedrock') ? { CredentialAgeDays: 7 } : {}),
      })
      const { ServiceSpecificCredential } = await stage.iam.resetServiceSpecificCredential({
        UserName,
        ServiceSpecificCredentialId: made?.ServiceSpecificCredentialId,
      })
      return [made, ServiceSpecificCredential]
    }
    const [password, anew] = await reset('codecommit.amazonaws.com')
    expect(anew).toEqual({ ...password, ServicePassword: expect.any(String) })
    expect(anew?.ServicePassword).not.toBe(password?.ServicePassword)
    const [secret, other] = await reset('bedrock.amazonaws.com')
    expect(other?.ServiceCredentialSecret).not.toBe(secret?.ServiceCredentialSecret)
  },
  UpdateServiceSpecificCredential: async (stage) => {
    const UserName = await stage.user()
    const ServiceSpecificCredentialId = await stage.serviceCredential(UserName)
    await stage.iam.updateServiceSpecificCredential({ UserName, ServiceSpecificCredentialId, Status: 'Inactive' })
    expect((await stage.iam.listServiceSpecificCredentials({ UserName })).ServiceSpecificCredentials).toMatchObject([
      { ServiceSpecificCredentialId, Status: 'Inactive' },
    ])
  },
  DeleteServiceSpecificCredential: async (stage) => {
    const UserName = await stage.user()
    const ServiceSpecificCredentialId = await stage.serviceCredential(UserName)
    await stage.iam.deleteServiceSpecificCredential({ UserName, ServiceSpecificCredentialId })
    expect((await stage.iam.listServiceSpecificCredentials({ UserName })).ServiceSpecificCredentials).toEqual([])
  },
} satisfies Rows
