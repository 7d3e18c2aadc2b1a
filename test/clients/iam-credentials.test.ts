import * as sdk from '@aws-sdk/client-iam'
import { AssumeRoleCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { issue, sshKey } from '../token/x509.ts'
import { type Actor, actorOf, allow, makeRole, makeUser, refusal, trusting, withKeys } from './actor.ts'
import { Phone } from './iam/stage.ts'
import { discard, envOf, type Running, startRolecall } from './process.ts'

/** What users and accounts sign in and prove themselves with, driven by AWS's own client. */
const home = '012345678901'

let running: Running
let administrator: Actor
let iam: sdk.IAMClient

beforeAll(async () => {
  running = await startRolecall({ args: ['--account-id', home] })
  administrator = actorOf(await envOf(running))
  iam = administrator.iam
})
afterAll(() => discard(running))

describe('passwords', () => {
  test('of an account follow its policy, which is put, read and deleted', async () => {
    await iam.send(
      new sdk.UpdateAccountPasswordPolicyCommand({
        MinimumPasswordLength: 12,
        RequireSymbols: true,
        MaxPasswordAge: 90,
        PasswordReusePrevention: 2,
        AllowUsersToChangePassword: true,
      }),
    )
    const { PasswordPolicy } = await iam.send(new sdk.GetAccountPasswordPolicyCommand({}))
    expect(PasswordPolicy).toEqual({
      MinimumPasswordLength: 12,
      RequireSymbols: true,
      RequireNumbers: false,
      RequireUppercaseCharacters: false,
      RequireLowercaseCharacters: false,
      AllowUsersToChangePassword: true,
      ExpirePasswords: true,
      MaxPasswordAge: 90,
      PasswordReusePrevention: 2,
    })

    const UserName = 'ann'
    const ann = await makeUser(administrator, UserName)
    const create = (Password: string) => iam.send(new sdk.CreateLoginProfileCommand({ UserName, Password }))
    expect(await refusal(create('too-short'))).toEqual({
      code: 'PasswordPolicyViolation',
      message: 'Password should have a minimum length of 12',
      status: 400,
    })
    const { LoginProfile } = await create('long-enough-1!')
    expect(LoginProfile).toEqual({ UserName, CreateDate: expect.any(Date), PasswordResetRequired: false })
    await ann.iam.send(new sdk.ChangePasswordCommand({ OldPassword: 'long-enough-1!', NewPassword: 'long-enough-2!' }))
    expect(
      await refusal(
        ann.iam.send(new sdk.ChangePasswordCommand({ OldPassword: 'long-enough-1!', NewPassword: 'long-enough-3!' })),
      ),
    ).toEqual({ code: 'AccessDenied', message: 'The old password was incorrect.', status: 403 })

    await iam.send(new sdk.UpdateLoginProfileCommand({ UserName, PasswordResetRequired: true }))
    const got = await iam.send(new sdk.GetLoginProfileCommand({ UserName }))
    expect(got.LoginProfile?.PasswordResetRequired).toBe(true)
    await iam.send(new sdk.DeleteLoginProfileCommand({ UserName }))
    expect((await refusal(iam.send(new sdk.GetLoginProfileCommand({ UserName })))).code).toBe('NoSuchEntity')
    await iam.send(new sdk.DeleteAccountPasswordPolicyCommand({}))
    expect((await refusal(iam.send(new sdk.GetAccountPasswordPolicyCommand({})))).code).toBe('NoSuchEntity')
  })
})

describe('second factors', () => {
  test('are made, enabled, shown, brought level, tagged, deactivated and deleted', async () => {
    const UserName = 'mia'
    const mia = await makeUser(administrator, UserName, allow(['iam:*', 'sts:*']))
    const create = async (VirtualMFADeviceName: string) =>
      (
        await iam.send(
          new sdk.CreateVirtualMFADeviceCommand({ VirtualMFADeviceName, Tags: [{ Key: 'k', Value: 'v' }] }),
        )
      ).VirtualMFADevice
    const made = await create('phone')
    expect(made).toEqual({
      SerialNumber: `arn:aws:iam::${home}:mfa/phone`,
      Base32StringSeed: expect.any(Uint8Array),
      QRCodePNG: expect.any(Uint8Array),
      Tags: [{ Key: 'k', Value: 'v' }],
    })
    const phone = new Phone(made)
    const SerialNumber = phone.serial
    const enable = (actor: Actor, device: Phone) =>
      actor.iam.send(
        new sdk.EnableMFADeviceCommand({
          UserName,
          SerialNumber: device.serial,
          AuthenticationCode1: device.code(-2),
          AuthenticationCode2: device.code(-1),
        }),
      )
    await enable(mia, phone)
    expect((await iam.send(new sdk.ListMFADevicesCommand({ UserName }))).MFADevices).toEqual([
      { UserName, SerialNumber, EnableDate: expect.any(Date) },
    ])
    expect(await iam.send(new sdk.GetMFADeviceCommand({ UserName, SerialNumber }))).toMatchObject({
      UserName,
      SerialNumber,
      EnableDate: expect.any(Date),
    })
    const { VirtualMFADevices } = await iam.send(new sdk.ListVirtualMFADevicesCommand({ AssignmentStatus: 'Assigned' }))
    expect(VirtualMFADevices).toMatchObject([{ SerialNumber, User: { UserName } }])

    // With the factor, and never twice with the same code.
    const TokenCode = phone.code()
    const { Credentials } = await mia.sts.send(new GetSessionTokenCommand({ SerialNumber, TokenCode }))
    const shown = withKeys(mia, {
      accountId: home,
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    })
    const { arn } = await makeRole(
      administrator,
      'strict',
      trusting(home, { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }),
    )
    const assume = (actor: Actor, more: object) =>
      actor.sts.send(new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: 'one', ...more }))
    expect((await refusal(assume(mia, {}))).code).toBe('AccessDenied')
    expect(await refusal(assume(mia, { SerialNumber, TokenCode }))).toEqual({
      code: 'AccessDenied',
      message: 'MultiFactorAuthentication failed with invalid MFA one time pass code.',
      status: 403,
    })
    expect((await assume(shown, {})).Credentials?.AccessKeyId).toMatch(/^ASIA/)

    // A second one wants the first.
    const watch = new Phone(await create('watch'))
    expect((await refusal(enable(mia, watch))).code).toBe('AccessDenied')
    await enable(shown, watch)

    expect(
      await refusal(
        iam.send(
          new sdk.ResyncMFADeviceCommand({
            UserName,
            SerialNumber,
            AuthenticationCode1: '000000',
            AuthenticationCode2: '000000',
          }),
        ),
      ),
    ).toEqual({
      code: 'InvalidAuthenticationCode',
      message: 'Authentication code for device is not valid.',
      status: 403,
    })
    await iam.send(
      new sdk.ResyncMFADeviceCommand({
        UserName,
        SerialNumber,
        AuthenticationCode1: phone.code(3),
        AuthenticationCode2: phone.code(4),
      }),
    )
    await iam.send(new sdk.TagMFADeviceCommand({ SerialNumber, Tags: [{ Key: 'l', Value: 'w' }] }))
    await iam.send(new sdk.UntagMFADeviceCommand({ SerialNumber, TagKeys: ['k'] }))
    expect((await iam.send(new sdk.ListMFADeviceTagsCommand({ SerialNumber }))).Tags).toEqual([
      { Key: 'l', Value: 'w' },
    ])

    expect((await refusal(iam.send(new sdk.DeleteVirtualMFADeviceCommand({ SerialNumber })))).code).toBe(
      'DeleteConflict',
    )
    expect(
      await refusal(iam.send(new sdk.DeactivateMFADeviceCommand({ UserName, SerialNumber: 'GAHT12345678' }))),
    ).toEqual({
      code: 'NoSuchEntity',
      message: 'MFA Device with serial number GAHT12345678 does not exist.',
      status: 404,
    })
    for (const { serial } of [phone, watch]) {
      await iam.send(new sdk.DeactivateMFADeviceCommand({ UserName, SerialNumber: serial }))
      await iam.send(new sdk.DeleteVirtualMFADeviceCommand({ SerialNumber: serial }))
    }
    expect((await iam.send(new sdk.ListVirtualMFADevicesCommand({}))).VirtualMFADevices).toEqual([])
  })
})

describe('keys and certificates of users', () => {
  test('for SSH are uploaded, read, listed, switched off and deleted', async () => {
    const UserName = 'sue'
    await makeUser(administrator, UserName)
    const { ssh, pem } = sshKey(2048)
    const { SSHPublicKey } = await iam.send(new sdk.UploadSSHPublicKeyCommand({ UserName, SSHPublicKeyBody: ssh }))
    const SSHPublicKeyId = SSHPublicKey?.SSHPublicKeyId
    expect(SSHPublicKey).toMatchObject({
      UserName,
      SSHPublicKeyBody: ssh,
      Status: 'Active',
      UploadDate: expect.any(Date),
    })
    const got = await iam.send(new sdk.GetSSHPublicKeyCommand({ UserName, SSHPublicKeyId, Encoding: 'PEM' }))
    expect(got.SSHPublicKey?.SSHPublicKeyBody).toBe(pem.trim())
    await iam.send(new sdk.UpdateSSHPublicKeyCommand({ UserName, SSHPublicKeyId, Status: 'Inactive' }))
    expect((await iam.send(new sdk.ListSSHPublicKeysCommand({ UserName }))).SSHPublicKeys).toEqual([
      { UserName, SSHPublicKeyId, Status: 'Inactive', UploadDate: expect.any(Date) },
    ])
    expect((await refusal(iam.send(new sdk.UploadSSHPublicKeyCommand({ UserName, SSHPublicKeyBody: ssh })))).code).toBe(
      'DuplicateSSHPublicKey',
    )
    await iam.send(new sdk.DeleteSSHPublicKeyCommand({ UserName, SSHPublicKeyId }))
  })

  test('for signing are uploaded, listed, switched off and deleted', async () => {
    const UserName = 'sid'
    await makeUser(administrator, UserName)
    const { certificate } = issue('sid', undefined, Date.now())
    const { Certificate } = await iam.send(
      new sdk.UploadSigningCertificateCommand({ UserName, CertificateBody: certificate }),
    )
    const CertificateId = Certificate?.CertificateId
    expect(Certificate).toMatchObject({ UserName, CertificateBody: certificate, Status: 'Active' })
    await iam.send(new sdk.UpdateSigningCertificateCommand({ UserName, CertificateId, Status: 'Inactive' }))
    expect((await iam.send(new sdk.ListSigningCertificatesCommand({ UserName }))).Certificates).toMatchObject([
      { CertificateId, Status: 'Inactive' },
    ])
    const again = () => iam.send(new sdk.UploadSigningCertificateCommand({ UserName, CertificateBody: certificate }))
    expect(await refusal(again())).toMatchObject({ code: 'DuplicateCertificate', status: 409 })
    await iam.send(new sdk.DeleteSigningCertificateCommand({ UserName, CertificateId }))
  })

  test('for one service are made, listed, reset, switched off and deleted', async () => {
    const UserName = 'sam'
    await makeUser(administrator, UserName)
    const { ServiceSpecificCredential: made } = await iam.send(
      new sdk.CreateServiceSpecificCredentialCommand({ UserName, ServiceName: 'codecommit.amazonaws.com' }),
    )
    const id = { UserName, ServiceSpecificCredentialId: made?.ServiceSpecificCredentialId }
    expect(made).toMatchObject({ ServiceUserName: `sam-at-${home}`, ServicePassword: expect.any(String) })
    const reset = await iam.send(new sdk.ResetServiceSpecificCredentialCommand(id))
    expect(reset.ServiceSpecificCredential?.ServicePassword).not.toBe(made?.ServicePassword)
    await iam.send(new sdk.UpdateServiceSpecificCredentialCommand({ ...id, Status: 'Inactive' }))
    expect(
      (await iam.send(new sdk.ListServiceSpecificCredentialsCommand({ AllUsers: true }))).ServiceSpecificCredentials,
    ).toMatchObject([{ ...id, Status: 'Inactive' }])
    await iam.send(new sdk.DeleteServiceSpecificCredentialCommand(id))
    const unknown = () =>
      iam.send(new sdk.CreateServiceSpecificCredentialCommand({ UserName, ServiceName: 's3.amazonaws.com' }))
    expect(await refusal(unknown())).toEqual({
      code: 'NoSuchEntity',
      message: 'No such service s3.amazonaws.com is supported for Service Specific Credentials',
      status: 404,
    })
  })
})

describe('what an account has', () => {
  test('are server certificates', async () => {
    const root = issue('root', undefined, Date.now())
    const leaf = issue('www', root, Date.now())
    const ServerCertificateName = 'www'
    const upload = (PrivateKey: string) =>
      iam.send(
        new sdk.UploadServerCertificateCommand({
          ServerCertificateName,
          CertificateBody: leaf.certificate,
          CertificateChain: root.certificate,
          PrivateKey,
          Tags: [{ Key: 'k', Value: 'v' }],
        }),
      )
    expect((await refusal(upload(root.key))).code).toBe('KeyPairMismatch')
    const made = await upload(leaf.key)
    expect(made.ServerCertificateMetadata).toEqual({
      Path: '/',
      ServerCertificateName,
      ServerCertificateId: expect.stringMatching(/^ASCA/),
      Arn: `arn:aws:iam::${home}:server-certificate/www`,
      UploadDate: expect.any(Date),
      Expiration: expect.any(Date),
    })
    const { ServerCertificate } = await iam.send(new sdk.GetServerCertificateCommand({ ServerCertificateName }))
    expect(ServerCertificate).toEqual({
      ServerCertificateMetadata: made.ServerCertificateMetadata,
      CertificateBody: leaf.certificate.trim(),
      CertificateChain: root.certificate.trim(),
      Tags: [{ Key: 'k', Value: 'v' }],
    })
    await iam.send(new sdk.TagServerCertificateCommand({ ServerCertificateName, Tags: [{ Key: 'l', Value: 'w' }] }))
    await iam.send(new sdk.UntagServerCertificateCommand({ ServerCertificateName, TagKeys: ['k'] }))
    expect((await iam.send(new sdk.ListServerCertificateTagsCommand({ ServerCertificateName }))).Tags).toEqual([
      { Key: 'l', Value: 'w' },
    ])
    await iam.send(new sdk.UpdateServerCertificateCommand({ ServerCertificateName, NewServerCertificateName: 'web' }))
    const list = await iam.send(new sdk.ListServerCertificatesCommand({}))
    expect(list.ServerCertificateMetadataList).toMatchObject([{ ServerCertificateName: 'web' }])
    await iam.send(new sdk.DeleteServerCertificateCommand({ ServerCertificateName: 'web' }))
  })

  test('is an alias', async () => {
    await iam.send(new sdk.CreateAccountAliasCommand({ AccountAlias: 'house' }))
    expect((await iam.send(new sdk.ListAccountAliasesCommand({}))).AccountAliases).toEqual(['house'])
    expect(await refusal(iam.send(new sdk.CreateAccountAliasCommand({ AccountAlias: 'house' })))).toEqual({
      code: 'EntityAlreadyExists',
      message: 'The account alias house already exists.',
      status: 409,
    })
    await iam.send(new sdk.DeleteAccountAliasCommand({ AccountAlias: 'house' }))
  })
})
