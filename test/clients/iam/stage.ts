import * as sdk from '@aws-sdk/client-iam'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { Secret, TOTP } from 'otpauth'
import { expect } from 'vitest'
import type { IamCalls } from '../../../src/model/calls/iam.ts'
import { samlMetadata } from '../../token/saml.ts'
import { issue, sshKey } from '../../token/x509.ts'
import { allow, textOf, trusting } from '../actor.ts'
import { clientOf, type Env } from '../process.ts'
import { watched } from '../watch.ts'

export const home = '012345678901'
export const arn = (resource: string): string => `arn:aws:iam::${home}:${resource}`

/** What one operation does for who asks well. It sets its own stage, and says what must have come back. */
export type Row = (stage: Stage) => Promise<unknown>
export type Rows = Partial<Readonly<Record<keyof IamCalls, Row>>>

/** A document as answers carry it. RFC 3986: an asterisk is encoded, too. */
export const encoded = (text: string): string => encodeURIComponent(text).replaceAll('*', '%2A')

export const document = textOf(allow('s3:GetObject', 'arn:aws:s3:::box/*'))
export const trust = textOf(trusting(home))
export const Tags = [
  { Key: 'a', Value: '1' },
  { Key: 'b', Value: '2' },
]

const clientFor = (env: Env): sdk.IAM => watched('iam', new sdk.IAM({ ...clientOf(env), maxAttempts: 1 }))

/** A rolecall, AWS's own client for its first account, and whatever an operation needs to find there. */
export class Stage {
  readonly #env: Env
  readonly iam: sdk.IAM
  #made = 0

  constructor(env: Env) {
    this.#env = env
    this.iam = clientFor(env)
  }

  /** A name that nothing has yet. */
  name(): string {
    return `n${++this.#made}`
  }

  async user(more: Partial<sdk.CreateUserCommandInput> = {}): Promise<string> {
    const UserName = this.name()
    await this.iam.createUser({ UserName, ...more })
    return UserName
  }

  /** A client that acts with a key of the user's own, and may do that. */
  async keyed(UserName: string, action: string | readonly string[]): Promise<sdk.IAM> {
    await this.iam.putUserPolicy({ UserName, PolicyName: 'own', PolicyDocument: textOf(allow(action)) })
    const { AccessKey: { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = {} } =
      await this.iam.createAccessKey({ UserName })
    return clientFor({ ...this.#env, accessKeyId, secretAccessKey })
  }

  /** A client that acts as the role. */
  async session(RoleName: string): Promise<sdk.IAM> {
    const sts = watched('sts', new STSClient({ ...clientOf(this.#env), maxAttempts: 1 }))
    const { Credentials: { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = {} } = await sts.send(
      new AssumeRoleCommand({ RoleArn: (await this.iam.getRole({ RoleName })).Role?.Arn, RoleSessionName: 'one' }),
    )
    return clientFor({
      ...this.#env,
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
    })
  }

  async group(more: Partial<sdk.CreateGroupCommandInput> = {}): Promise<string> {
    const GroupName = this.name()
    await this.iam.createGroup({ GroupName, ...more })
    return GroupName
  }

  async role(more: Partial<sdk.CreateRoleCommandInput> = {}): Promise<string> {
    const RoleName = this.name()
    await this.iam.createRole({ RoleName, AssumeRolePolicyDocument: trust, ...more })
    return RoleName
  }

  async policy(more: Partial<sdk.CreatePolicyCommandInput> = {}): Promise<string> {
    const PolicyName = this.name()
    const { Policy } = await this.iam.createPolicy({ PolicyName, PolicyDocument: document, ...more })
    return Policy?.Arn ?? ''
  }

  async profile(RoleName?: string, more: Partial<sdk.CreateInstanceProfileCommandInput> = {}): Promise<string> {
    const InstanceProfileName = this.name()
    await this.iam.createInstanceProfile({ InstanceProfileName, ...more })
    if (RoleName !== undefined) await this.iam.addRoleToInstanceProfile({ InstanceProfileName, RoleName })
    return InstanceProfileName
  }

  async oidc(more: Partial<sdk.CreateOpenIDConnectProviderCommandInput> = {}): Promise<string> {
    const Url = `https://${this.name()}.example`
    return (await this.iam.createOpenIDConnectProvider({ Url, ...more })).OpenIDConnectProviderArn ?? ''
  }

  async saml(more: Partial<sdk.CreateSAMLProviderCommandInput> = {}): Promise<string> {
    const SAMLMetadataDocument = samlMetadata()
    return (
      (await this.iam.createSAMLProvider({ Name: this.name(), SAMLMetadataDocument, ...more })).SAMLProviderArn ?? ''
    )
  }

  async serverCertificate(more: Partial<sdk.UploadServerCertificateCommandInput> = {}): Promise<string> {
    const ServerCertificateName = this.name()
    const { certificate, key } = issue(ServerCertificateName, undefined, Date.now())
    await this.iam.uploadServerCertificate({
      ServerCertificateName,
      CertificateBody: certificate,
      PrivateKey: key,
      ...more,
    })
    return ServerCertificateName
  }

  async signingCertificate(UserName: string): Promise<string> {
    const CertificateBody = issue(this.name(), undefined, Date.now()).certificate
    return (await this.iam.uploadSigningCertificate({ UserName, CertificateBody })).Certificate?.CertificateId ?? ''
  }

  async sshKey(UserName: string): Promise<string> {
    const SSHPublicKeyBody = sshKey(2048).ssh
    return (await this.iam.uploadSSHPublicKey({ UserName, SSHPublicKeyBody })).SSHPublicKey?.SSHPublicKeyId ?? ''
  }

  async serviceCredential(UserName: string, ServiceName = 'codecommit.amazonaws.com'): Promise<string> {
    const { ServiceSpecificCredential } = await this.iam.createServiceSpecificCredential({ UserName, ServiceName })
    return ServiceSpecificCredential?.ServiceSpecificCredentialId ?? ''
  }

  /** A device, and what an authenticator app would show for it. */
  async device(more: Partial<sdk.CreateVirtualMFADeviceCommandInput> = {}): Promise<Phone> {
    const { VirtualMFADevice } = await this.iam.createVirtualMFADevice({ VirtualMFADeviceName: this.name(), ...more })
    return new Phone(VirtualMFADevice)
  }

  /** A user's device. */
  async enabled(UserName: string): Promise<Phone> {
    const phone = await this.device()
    await this.iam.enableMFADevice({ UserName, SerialNumber: phone.serial, ...phone.codes(-2) })
    return phone
  }

  /**
   * A list, asked for whole and then one by one: every page but the last says that it is not the last, and how to go on. Two things
   * must be in it, or nothing would be shown.
   */
  async pages<Page extends object, Item>(
    ask: (part: {
      MaxItems: number
      Marker?: string
    }) => Promise<Page & { IsTruncated?: boolean | undefined; Marker?: string | undefined }>,
    read: (page: Page) => readonly Item[] | undefined,
  ): Promise<readonly Item[]> {
    const whole = await ask({ MaxItems: 1000 })
    expect([whole.IsTruncated, whole.Marker]).toEqual([false, undefined])
    const all = read(whole) ?? []
    expect(all.length).toBeGreaterThan(1)
    const found: Item[] = []
    for (let page = await ask({ MaxItems: 1 }); ; page = await ask({ MaxItems: 1, Marker: page.Marker ?? '' })) {
      expect(read(page)).toHaveLength(1)
      found.push(...(read(page) ?? []))
      expect(page.IsTruncated).toBe(found.length < all.length)
      expect(page.Marker !== undefined).toBe(page.IsTruncated)
      if (page.Marker === undefined) break
    }
    expect(found).toEqual(all)
    return all
  }
}

/** A device as an authenticator app has it. */
export class Phone {
  readonly serial: string
  readonly #totp: TOTP
  constructor(device: sdk.VirtualMFADevice | undefined) {
    this.serial = device?.SerialNumber ?? ''
    this.#totp = new TOTP({ secret: Secret.fromBase32(Buffer.from(device?.Base32StringSeed ?? []).toString()) })
  }
  /** The code of that many steps from now. */
  code(steps = 0): string {
    return this.#totp.generate({ timestamp: Date.now() + steps * 30_000 })
  }
  /** Two that follow each other. */
  codes(steps: number): { readonly AuthenticationCode1: string; readonly AuthenticationCode2: string } {
    return { AuthenticationCode1: this.code(steps), AuthenticationCode2: this.code(steps + 1) }
  }
}

/** Asks again until it is no longer under way: for as long as the test may take. */
export async function waited<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
