import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Secret } from 'otpauth'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { samlMetadata } from '../token/saml.ts'
import { issue, sshKey } from '../token/x509.ts'
import { type Actor, actorOf, allow, makeUser, statement, trusting } from './actor.ts'
import { type Aws, hasAws, leftOut, openAws, type Terminal, terminalIn } from './aws.ts'
import { Phone, waited } from './iam/stage.ts'
import { discard, type Env, envOf, type Running, startRolecall } from './process.ts'

/** The stock aws CLI over what IAM has beside users, groups, roles and policies: what it prints, family by family. */
const home = '012345678901'
const arn = (resource: string) => `arn:aws:iam::${home}:${resource}`
const sometimes = statement({
  Effect: 'Allow',
  Action: 'ec2:*',
  Resource: '*',
  Condition: { StringEquals: { 'ec2:Owner': 'me', 'aws:SourceVpc': 'v' } },
})
const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|\+00:00)$/

// Some tests type twenty commands and more, each of which loads the CLI's model anew.
describe.skipIf(!hasAws)(`the aws CLI over IAM${leftOut}`, () => {
  let aws: Aws
  let running: Running
  let administrator: Actor
  let folder: string
  let terminal: Terminal
  const text = (line: string, env?: Env) => terminal.text(line, env)
  const json = (line: string, env?: Env) => terminal.json(line, env)
  const refused = (line: string, env?: Env) => terminal.refused(line, env)

  const root = issue('root', undefined, Date.now())
  const leaf = issue('www', root, Date.now())
  const own = issue('own', undefined, Date.now())
  const key = sshKey(2048)

  beforeAll(async () => {
    aws = await openAws()
    running = await startRolecall({ args: ['--account-id', home] })
    administrator = actorOf(await envOf(running))
    folder = mkdtempSync(join(tmpdir(), 'rolecall-cli-'))
    terminal = terminalIn(folder, aws, administrator.env)
    for (const [name, content] of Object.entries({
      'allow.json': JSON.stringify(allow('s3:*')),
      'sometimes.json': JSON.stringify(sometimes),
      'trust.json': JSON.stringify(trusting(home)),
      'leaf.pem': leaf.certificate,
      'leaf.key': leaf.key,
      'root.pem': root.certificate,
      'own.pem': own.certificate,
      'key.pub': key.ssh,
      'metadata.xml': samlMetadata(),
    }))
      writeFileSync(join(folder, name), content)
  })
  afterAll(async () => {
    aws.close()
    await discard(running)
    rmSync(folder, { recursive: true, force: true })
  })

  test('passwords and their policy', async () => {
    await text(
      'iam update-account-password-policy --minimum-password-length 10 --require-numbers --max-password-age 30',
    )
    const { PasswordPolicy } = await json('iam get-account-password-policy')
    expect(PasswordPolicy).toEqual({
      MinimumPasswordLength: 10,
      RequireSymbols: false,
      RequireNumbers: true,
      RequireUppercaseCharacters: false,
      RequireLowercaseCharacters: false,
      AllowUsersToChangePassword: false,
      ExpirePasswords: true,
      MaxPasswordAge: 30,
    })
    const ann = await makeUser(administrator, 'ann', allow('iam:ChangePassword'))
    expect(await refused('iam create-login-profile --user-name ann --password no-numbers-here')).toBe(
      'An error occurred (PasswordPolicyViolation) when calling the CreateLoginProfile operation: Password should have at least one number',
    )
    const made = await json(
      'iam create-login-profile --user-name ann --password with-1-number --password-reset-required',
    )
    expect(made.LoginProfile).toEqual({
      UserName: 'ann',
      CreateDate: expect.stringMatching(moment),
      PasswordResetRequired: true,
    })
    await text('iam change-password --old-password with-1-number --new-password with-2-numbers', ann.env)
    expect(
      await text('iam get-login-profile --user-name ann --query LoginProfile.PasswordResetRequired --output text'),
    ).toBe('False\n')
    await text('iam update-login-profile --user-name ann --password with-3-numbers')
    await text('iam delete-login-profile --user-name ann')
    expect(await refused('iam get-login-profile --user-name ann')).toContain(
      '(NoSuchEntity) when calling the GetLoginProfile operation: Login Profile for User ann cannot be found.',
    )
    await text('iam delete-account-password-policy')
    expect(await refused('iam get-account-password-policy')).toContain(
      `The Password Policy with domain name ${home} cannot be found.`,
    )
  })

  test('devices of second factors, with their codes', async () => {
    const mia = await makeUser(administrator, 'mia', allow(['iam:*', 'sts:*']))
    const create = (name: string, way: string) =>
      json(
        `iam create-virtual-mfa-device --virtual-mfa-device-name ${name} --outfile ${name} --bootstrap-method ${way}`,
      )
    const made = await create('phone', 'Base32StringSeed')
    const SerialNumber = arn('mfa/phone')
    expect(made.VirtualMFADevice).toEqual({ SerialNumber })
    const seed = readFileSync(join(folder, 'phone'))
    expect(Secret.fromBase32(seed.toString()).bytes).toHaveLength(40)
    const phone = new Phone({ SerialNumber, Base32StringSeed: seed })
    await create('picture', 'QRCodePNG')
    expect(readFileSync(join(folder, 'picture')).subarray(1, 4).toString()).toBe('PNG')

    const device = `--user-name mia --serial-number ${SerialNumber}`
    const codes = (first: string, second: string) => `--authentication-code1 ${first} --authentication-code2 ${second}`
    expect(await refused(`iam enable-mfa-device ${device} ${codes('000000', '000000')}`)).toContain(
      '(InvalidAuthenticationCode) when calling the EnableMFADevice operation: Authentication code for device is not valid.',
    )
    await text(`iam enable-mfa-device ${device} ${codes(phone.code(-2), phone.code(-1))}`)
    expect(await json('iam list-mfa-devices --user-name mia')).toEqual({
      MFADevices: [{ UserName: 'mia', SerialNumber, EnableDate: expect.stringMatching(moment) }],
    })
    expect(await json(`iam get-mfa-device ${device}`)).toMatchObject({ UserName: 'mia', SerialNumber })
    const listed = async (status: string) =>
      text(
        `iam list-virtual-mfa-devices --assignment-status ${status} --query VirtualMFADevices[].SerialNumber --output text`,
      )
    expect([await listed('Assigned'), await listed('Unassigned')]).toEqual([
      `${SerialNumber}\n`,
      `${arn('mfa/picture')}\n`,
    ])

    const code = phone.code()
    const token = `sts get-session-token --serial-number ${SerialNumber} --token-code ${code}`
    const { Credentials } = await json(token, mia.env)
    const shown = {
      ...mia.env,
      accessKeyId: Credentials.AccessKeyId,
      secretAccessKey: Credentials.SecretAccessKey,
      sessionToken: Credentials.SessionToken,
    }
    expect(await text('iam get-user --query User.UserName --output text', shown)).toBe('mia\n')
    expect(await refused(token, mia.env)).toContain('invalid MFA one time pass code')
    await text(`iam resync-mfa-device ${device} ${codes(phone.code(5), phone.code(6))}`)
    expect(await refused(`iam delete-virtual-mfa-device --serial-number ${SerialNumber}`)).toContain('(DeleteConflict)')
    await text(`iam deactivate-mfa-device ${device}`)
    await text(`iam delete-virtual-mfa-device --serial-number ${SerialNumber}`)
    expect(await listed('Any')).toBe(`${arn('mfa/picture')}\n`)
  })

  test('SSH keys and signing certificates', async () => {
    await makeUser(administrator, 'sue')
    const { SSHPublicKey } = await json(
      'iam upload-ssh-public-key --user-name sue --ssh-public-key-body file://key.pub',
    )
    expect(SSHPublicKey).toMatchObject({ UserName: 'sue', SSHPublicKeyBody: key.ssh, Status: 'Active' })
    const one = `--user-name sue --ssh-public-key-id ${SSHPublicKey.SSHPublicKeyId}`
    const pem = await json(`iam get-ssh-public-key ${one} --encoding PEM`)
    expect(pem.SSHPublicKey.SSHPublicKeyBody).toBe(key.pem.trim())
    await text(`iam update-ssh-public-key ${one} --status Inactive`)
    expect((await json('iam list-ssh-public-keys --user-name sue')).SSHPublicKeys).toEqual([
      {
        UserName: 'sue',
        SSHPublicKeyId: SSHPublicKey.SSHPublicKeyId,
        Status: 'Inactive',
        UploadDate: expect.stringMatching(moment),
      },
    ])
    await text(`iam delete-ssh-public-key ${one}`)
    expect(await json('iam list-ssh-public-keys --user-name sue')).toEqual({ SSHPublicKeys: [] })

    const upload = 'iam upload-signing-certificate --user-name sue --certificate-body file://own.pem'
    const { Certificate } = await json(upload)
    expect(Certificate).toMatchObject({ UserName: 'sue', CertificateBody: own.certificate, Status: 'Active' })
    expect(await refused(upload)).toContain('(DuplicateCertificate)')
    const signer = `--user-name sue --certificate-id ${Certificate.CertificateId}`
    await text(`iam update-signing-certificate ${signer} --status Inactive`)
    expect((await json('iam list-signing-certificates --user-name sue')).Certificates).toMatchObject([
      { CertificateId: Certificate.CertificateId, Status: 'Inactive' },
    ])
    await text(`iam delete-signing-certificate ${signer}`)
    expect((await json('iam list-signing-certificates --user-name sue')).Certificates).toEqual([])
  })

  test('server certificates', async () => {
    const made = await json(
      'iam upload-server-certificate --server-certificate-name www --path /web/ --certificate-body file://leaf.pem --certificate-chain file://root.pem --private-key file://leaf.key --tags Key=k,Value=v',
    )
    expect(made.ServerCertificateMetadata).toEqual({
      Path: '/web/',
      ServerCertificateName: 'www',
      ServerCertificateId: expect.stringMatching(/^ASCA/),
      Arn: arn('server-certificate/web/www'),
      UploadDate: expect.stringMatching(moment),
      Expiration: expect.stringMatching(moment),
    })
    expect(made.Tags).toEqual([{ Key: 'k', Value: 'v' }])
    const got = await json('iam get-server-certificate --server-certificate-name www')
    expect(got.ServerCertificate).toMatchObject({
      CertificateBody: leaf.certificate.trim(),
      CertificateChain: root.certificate.trim(),
    })
    await text('iam update-server-certificate --server-certificate-name www --new-server-certificate-name web')
    const listed = await json('iam list-server-certificates --path-prefix /web/')
    expect(listed.ServerCertificateMetadataList).toMatchObject([{ Arn: arn('server-certificate/web/web') }])
    await text('iam delete-server-certificate --server-certificate-name web')
    expect(await refused('iam get-server-certificate --server-certificate-name web')).toContain(
      'The Server Certificate with name web cannot be found.',
    )
  })

  test('credentials for one service', async () => {
    await makeUser(administrator, 'sam')
    const { ServiceSpecificCredential: made } = await json(
      'iam create-service-specific-credential --user-name sam --service-name codecommit.amazonaws.com',
    )
    expect(made).toMatchObject({ ServiceUserName: `sam-at-${home}`, Status: 'Active', UserName: 'sam' })
    const one = `--user-name sam --service-specific-credential-id ${made.ServiceSpecificCredentialId}`
    const reset = await json(`iam reset-service-specific-credential ${one}`)
    expect(reset.ServiceSpecificCredential.ServicePassword).not.toBe(made.ServicePassword)
    await text(`iam update-service-specific-credential ${one} --status Inactive`)
    const listed = await json('iam list-service-specific-credentials --user-name sam')
    expect(listed.ServiceSpecificCredentials).toMatchObject([
      { ServiceSpecificCredentialId: made.ServiceSpecificCredentialId, Status: 'Inactive' },
    ])
    expect(JSON.stringify(listed)).not.toContain(reset.ServiceSpecificCredential.ServicePassword)
    await text(`iam delete-service-specific-credential ${one}`)
    expect(
      await refused('iam create-service-specific-credential --user-name sam --service-name s3.amazonaws.com'),
    ).toContain('(NoSuchEntity)')
  })

  test('identity providers', async () => {
    const oidc = arn('oidc-provider/idp.example/realm')
    const made = await json(
      'iam create-open-id-connect-provider --url https://idp.example/realm --client-id-list one two --tags Key=k,Value=v',
    )
    expect(made).toMatchObject({ OpenIDConnectProviderArn: oidc, Tags: [{ Key: 'k', Value: 'v' }] })
    const that = `--open-id-connect-provider-arn ${oidc}`
    await text(`iam add-client-id-to-open-id-connect-provider ${that} --client-id three`)
    await text(`iam remove-client-id-from-open-id-connect-provider ${that} --client-id one`)
    const print = '6938fd4d98bab03faadb97b34396831e3780aea1'
    await text(`iam update-open-id-connect-provider-thumbprint ${that} --thumbprint-list ${print}`)
    expect(await json(`iam get-open-id-connect-provider ${that}`)).toEqual({
      Url: 'idp.example/realm',
      ClientIDList: ['two', 'three'],
      ThumbprintList: [print],
      CreateDate: expect.stringMatching(moment),
      Tags: [{ Key: 'k', Value: 'v' }],
    })
    expect(await json('iam list-open-id-connect-providers')).toEqual({ OpenIDConnectProviderList: [{ Arn: oidc }] })
    await text(`iam delete-open-id-connect-provider ${that}`)
    expect(await refused(`iam get-open-id-connect-provider ${that}`)).toContain(
      `OpenIDConnect Provider not found for arn ${oidc}`,
    )

    const saml = arn('saml-provider/Corp')
    await text('iam create-saml-provider --name Corp --saml-metadata-document file://metadata.xml')
    const provider = await json(`iam get-saml-provider --saml-provider-arn ${saml}`)
    expect(provider).toMatchObject({ SAMLMetadataDocument: samlMetadata(), CreateDate: expect.stringMatching(moment) })
    const changed = await json(
      `iam update-saml-provider --saml-provider-arn ${saml} --saml-metadata-document file://metadata.xml`,
    )
    expect(changed).toEqual({ SAMLProviderArn: saml })
    expect((await json('iam list-saml-providers')).SAMLProviderList).toMatchObject([{ Arn: saml }])
    await text(`iam delete-saml-provider --saml-provider-arn ${saml}`)
    expect(await refused(`iam get-saml-provider --saml-provider-arn ${saml}`)).toContain(
      `Manifest not found for arn ${saml}`,
    )
  })

  test('the alias, the summary, and what is in the account', async () => {
    await text('iam create-account-alias --account-alias our-house')
    expect(await json('iam list-account-aliases')).toEqual({ AccountAliases: ['our-house'] })
    await text('iam delete-account-alias --account-alias our-house')
    const { SummaryMap } = await json('iam get-account-summary')
    expect(SummaryMap).toMatchObject({ UsersQuota: 5000, AccountAccessKeysPresent: 1, AccessKeysPerUserQuota: 2 })

    for (const name of ['detail-a', 'detail-b', 'detail-c']) await text(`iam create-group --group-name ${name}`)
    await text('iam put-group-policy --group-name detail-a --policy-name in --policy-document file://allow.json')
    const details = await json('iam get-account-authorization-details --filter Group --page-size 1')
    expect(details.GroupDetailList.map((group: { GroupName: string }) => group.GroupName)).toEqual([
      'detail-a',
      'detail-b',
      'detail-c',
    ])
    // The CLI reads documents as objects.
    expect(details.GroupDetailList[0].GroupPolicyList).toEqual([{ PolicyName: 'in', PolicyDocument: allow('s3:*') }])
    expect([details.UserDetailList, details.RoleDetailList, details.Policies]).toEqual([[], [], []])
    const [page, next] = [
      await json('iam get-account-authorization-details --filter Group --no-paginate --max-items 2'),
      'iam get-account-authorization-details --filter Group --no-paginate --marker',
    ]
    expect([page.GroupDetailList.length, page.IsTruncated]).toEqual([2, true])
    expect((await json(`${next} ${page.Marker}`)).GroupDetailList).toMatchObject([{ GroupName: 'detail-c' }])
    expect(await refused(`iam get-account-authorization-details --no-paginate --marker ${page.Marker}`)).toContain(
      'Marker and Filter do not match',
    )
  })

  test('the report on credentials', async () => {
    expect(await refused('iam get-credential-report')).toContain('(ReportNotPresent)')
    expect(await json('iam generate-credential-report')).toEqual({
      State: 'STARTED',
      Description: 'No report exists. Starting a new report generation task',
    })
    await waited(async () => ((await json('iam generate-credential-report')).State === 'COMPLETE' ? true : undefined))
    const { Content, ReportFormat } = await json('iam get-credential-report')
    expect(ReportFormat).toBe('text/csv')
    expect(Buffer.from(Content, 'base64').toString()).toMatch(/^user,arn,[^\n]*\n<root_account>,arn:aws:iam::\d+:root,/)
  })

  test('who last used what', async () => {
    const lou = await makeUser(administrator, 'lou', allow(['iam:*', 'sts:*']))
    await text('iam list-groups', lou.env)
    const job = async () => {
      const generate = `iam generate-service-last-accessed-details --arn ${lou.arn} --granularity ACTION_LEVEL`
      const { JobId } = await json(generate)
      const done = await waited(async () => {
        const answer = await json(`iam get-service-last-accessed-details --job-id ${JobId}`)
        return answer.JobStatus === 'COMPLETED' ? answer : undefined
      })
      return { JobId, done }
    }
    const { JobId, done } = await waited(async () => {
      const report = await job()
      return report.done.ServicesLastAccessed[0].LastAuthenticated === undefined ? undefined : report
    })
    expect(done.JobType).toBe('ACTION_LEVEL')
    expect(done.ServicesLastAccessed).toMatchObject([
      { ServiceNamespace: 'iam', LastAuthenticatedEntity: lou.arn, TotalAuthenticatedEntities: 1 },
      { ServiceNamespace: 'sts', TotalAuthenticatedEntities: 0 },
    ])
    const entities = await json(
      `iam get-service-last-accessed-details-with-entities --job-id ${JobId} --service-namespace iam`,
    )
    expect(entities.EntityDetailsList).toMatchObject([{ EntityInfo: { Arn: lou.arn, Type: 'USER', Name: 'lou' } }])
    const granting = await json(
      `iam list-policies-granting-service-access --arn ${lou.arn} --service-namespaces iam s3`,
    )
    expect(granting.PoliciesGrantingServiceAccess).toEqual([
      {
        ServiceNamespace: 'iam',
        Policies: [{ PolicyName: 'own', PolicyType: 'INLINE', EntityType: 'USER', EntityName: 'lou' }],
      },
      { ServiceNamespace: 's3', Policies: [] },
    ])
  })

  test('roles of services', async () => {
    const { Role } = await json('iam create-service-linked-role --aws-service-name ecs.amazonaws.com')
    expect(Role).toMatchObject({
      RoleName: 'AWSServiceRoleForECS',
      Arn: arn('role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS'),
    })
    expect(await refused('iam delete-role --role-name AWSServiceRoleForECS')).toContain(
      "(UnmodifiableEntity) when calling the DeleteRole operation: Cannot perform the operation on the protected role 'AWSServiceRoleForECS' - this role is only modifiable by AWS",
    )
    const { DeletionTaskId } = await json('iam delete-service-linked-role --role-name AWSServiceRoleForECS')
    const status = () => json(`iam get-service-linked-role-deletion-status --deletion-task-id ${DeletionTaskId}`)
    const ended = await waited(async () => ((await status()).Status === 'IN_PROGRESS' ? undefined : status()))
    expect(ended).toEqual({ Status: 'SUCCEEDED' })
  })

  test.each([
    ['user', 'create-user --user-name tagged', '--user-name tagged'],
    ['role', 'create-role --role-name tagged --assume-role-policy-document file://trust.json', '--role-name tagged'],
    [
      'policy',
      'create-policy --policy-name tagged --policy-document file://allow.json',
      `--policy-arn ${arn('policy/tagged')}`,
    ],
    ['instance-profile', 'create-instance-profile --instance-profile-name tagged', '--instance-profile-name tagged'],
    [
      'mfa-device',
      'create-virtual-mfa-device --virtual-mfa-device-name tagged --outfile seed --bootstrap-method Base32StringSeed',
      `--serial-number ${arn('mfa/tagged')}`,
    ],
    [
      'open-id-connect-provider',
      'create-open-id-connect-provider --url https://tagged.example',
      `--open-id-connect-provider-arn ${arn('oidc-provider/tagged.example')}`,
    ],
    [
      'saml-provider',
      'create-saml-provider --name tagged --saml-metadata-document file://metadata.xml',
      `--saml-provider-arn ${arn('saml-provider/tagged')}`,
    ],
    [
      'server-certificate',
      'upload-server-certificate --server-certificate-name tagged --certificate-body file://leaf.pem --private-key file://leaf.key',
      '--server-certificate-name tagged',
    ],
  ])('tags of a %s', async (kind, create, which) => {
    await text(`iam ${create}`)
    const list = () => text(`iam list-${kind}-tags ${which} --query Tags[].[Key,Value] --output text`)
    await text(`iam tag-${kind} ${which} --tags Key=a,Value=1 Key=b,Value=`)
    expect(await list()).toBe('a\t1\nb\t\n')
    await text(`iam untag-${kind} ${which} --tag-keys a`)
    expect(await list()).toBe('b\t\n')
    const many = Array.from({ length: 51 }, (_, at) => `Key=k${at},Value=v`).join(' ')
    expect(await refused(`iam tag-${kind} ${which} --tags ${many}`)).toContain('less than or equal to 50')
  })

  test('simulations, and the context that policies ask for', async () => {
    const sim = await makeUser(administrator, 'sim', allow('s3:Get*'))
    const names = '--action-names s3:GetObject ec2:RunInstances'
    const decisions = '--query EvaluationResults[].[EvalActionName,EvalDecision] --output text'
    expect(await text(`iam simulate-principal-policy --policy-source-arn ${sim.arn} ${names} ${decisions}`)).toBe(
      's3:GetObject\tallowed\nec2:RunInstances\timplicitDeny\n',
    )
    const list = JSON.stringify([JSON.stringify(sometimes)])
    const custom = `iam simulate-custom-policy --policy-input-list ${list}`
    const { EvaluationResults } = await json(`${custom} ${names}`)
    expect(EvaluationResults).toMatchObject([
      { EvalActionName: 's3:GetObject', EvalDecision: 'implicitDeny', MatchedStatements: [] },
      { EvalActionName: 'ec2:RunInstances', EvalDecision: 'implicitDeny' },
    ])
    expect([...EvaluationResults[1].MissingContextValues].sort()).toEqual(['aws:SourceVpc', 'ec2:Owner'])
    const entry = (name: string, value: string) =>
      `ContextKeyName=${name},ContextKeyType=string,ContextKeyValues=${value}`
    expect(
      await text(
        `${custom} ${names} --context-entries ${entry('ec2:Owner', 'me')} ${entry('aws:SourceVpc', 'v')} ${decisions}`,
      ),
    ).toBe('s3:GetObject\timplicitDeny\nec2:RunInstances\tallowed\n')
    const keys = await json(`iam get-context-keys-for-custom-policy --policy-input-list ${list}`)
    expect(keys.ContextKeyNames.sort()).toEqual(['aws:SourceVpc', 'ec2:Owner'])
    await text('iam put-user-policy --user-name sim --policy-name more --policy-document file://sometimes.json')
    const principal = await json(`iam get-context-keys-for-principal-policy --policy-source-arn ${sim.arn}`)
    expect(principal.ContextKeyNames.sort()).toEqual(['aws:SourceVpc', 'ec2:Owner'])
  })

  test('who has a policy', async () => {
    const { Policy } = await json('iam create-policy --policy-name held --policy-document file://allow.json')
    await text('iam create-user --user-name holder --path /held/')
    await text('iam create-role --role-name holder --assume-role-policy-document file://trust.json')
    await text(`iam attach-user-policy --user-name holder --policy-arn ${Policy.Arn}`)
    await text(`iam put-role-permissions-boundary --role-name holder --permissions-boundary ${Policy.Arn}`)
    const entities = (more = '') => json(`iam list-entities-for-policy --policy-arn ${Policy.Arn}${more}`)
    const [user, role] = [
      { UserName: 'holder', UserId: expect.stringMatching(/^AIDA/) },
      { RoleName: 'holder', RoleId: expect.stringMatching(/^AROA/) },
    ]
    expect(await entities()).toEqual({ PolicyGroups: [], PolicyUsers: [user], PolicyRoles: [role] })
    expect(await entities(' --policy-usage-filter PermissionsBoundary')).toEqual({
      PolicyGroups: [],
      PolicyUsers: [],
      PolicyRoles: [role],
    })
    expect((await entities(' --path-prefix /held/')).PolicyRoles).toEqual([])
    expect(await refused(`iam delete-policy --policy-arn ${Policy.Arn}`)).toContain(
      'Cannot delete a policy attached to entities.',
    )
  })

  test('what it says to an account in no organization, to partners, and of its own tokens', async () => {
    for (const line of [
      'iam list-organizations-features',
      'iam enable-organizations-root-credentials-management',
      'iam disable-organizations-root-credentials-management',
      'iam enable-organizations-root-sessions',
      'iam disable-organizations-root-sessions',
    ])
      expect(await refused(line)).toMatch(
        /\(OrganizationNotFoundException\).*: No organization is associated with your account\.$/,
      )
    const { JobId } = await json('iam generate-organizations-access-report --entity-path o-a1b2c3d4e5/r-f6g7h8')
    expect(await json(`iam get-organizations-access-report --job-id ${JobId}`)).toMatchObject({ JobStatus: 'FAILED' })

    const { IssuerIdentifier } = await json('iam enable-outbound-web-identity-federation')
    expect(await json('iam get-outbound-web-identity-federation-info')).toEqual({
      IssuerIdentifier,
      JwtVendingEnabled: true,
    })
    await text('iam disable-outbound-web-identity-federation')
    expect(await refused('iam get-outbound-web-identity-federation-info')).toContain('(FeatureDisabled)')

    expect((await json('iam list-delegation-requests')).DelegationRequests).toEqual([])
    const id = '0123456789abcdef'
    for (const verb of ['accept', 'associate', 'get', 'reject', 'update'])
      expect(await refused(`iam ${verb}-delegation-request --delegation-request-id ${id}`)).toMatch(
        /\(NoSuchEntity\).*: Delegation request 0123456789abcdef cannot be found\.$/,
      )
    expect(await refused(`iam send-delegation-token --delegation-request-id ${id}`)).toContain('(NoSuchEntity)')
    expect(await refused(`iam get-human-readable-summary --entity-arn ${arn(`delegation-request/${id}`)}`)).toContain(
      '(NoSuchEntity)',
    )
    expect(await refused('sts get-delegated-access-token --trade-in-token none')).toContain(
      '(ValidationError) when calling the GetDelegatedAccessToken operation: The trade-in token is not valid.',
    )
  })
})
