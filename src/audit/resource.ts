import { memberOf, type Recorded, textOf } from './recorded.ts'

/** Something that an event is about, as event history tells it (CloudTrail API Reference, Resource). */
export interface EventResource {
  readonly type: string
  readonly name: string
}

/** What IAM's and STS's parameters name, by CloudTrail's names of them. */
const parameters: Readonly<Record<string, string>> = {
  userName: 'AWS::IAM::User',
  roleName: 'AWS::IAM::Role',
  groupName: 'AWS::IAM::Group',
  policyArn: 'AWS::IAM::Policy',
  policyName: 'AWS::IAM::Policy',
  instanceProfileName: 'AWS::IAM::InstanceProfile',
  accessKeyId: 'AWS::IAM::AccessKey',
  serialNumber: 'AWS::IAM::MfaDevice',
  virtualMFADeviceName: 'AWS::IAM::MfaDevice',
  serverCertificateName: 'AWS::IAM::ServerCertificate',
  certificateId: 'AWS::IAM::SigningCertificate',
  sSHPublicKeyId: 'AWS::IAM::SshPublicKey',
  sAMLProviderArn: 'AWS::IAM::SamlProvider',
  openIDConnectProviderArn: 'AWS::IAM::OpenIDConnectProvider',
  accountAlias: 'AWS::IAM::AccountAlias',
  permissionsBoundary: 'AWS::IAM::Policy',
}

/** What their answers hold: the member, its type, and the members of it that name it. */
const answers: readonly (readonly [member: string, type: string, names: readonly string[]])[] = [
  ['credentials', 'AWS::IAM::AccessKey', ['accessKeyId']],
  ['accessKey', 'AWS::IAM::AccessKey', ['accessKeyId']],
  ['assumedRoleUser', 'AWS::STS::AssumedRole', ['arn', 'assumedRoleId']],
  ['federatedUser', 'AWS::STS::FederatedUser', ['arn', 'federatedUserId']],
  ['user', 'AWS::IAM::User', ['arn', 'userId', 'userName']],
  ['role', 'AWS::IAM::Role', ['arn', 'roleId', 'roleName']],
  ['group', 'AWS::IAM::Group', ['arn', 'groupId', 'groupName']],
  ['policy', 'AWS::IAM::Policy', ['arn', 'policyId', 'policyName']],
  ['instanceProfile', 'AWS::IAM::InstanceProfile', ['arn', 'instanceProfileId', 'instanceProfileName']],
  ['virtualMFADevice', 'AWS::IAM::MfaDevice', ['serialNumber']],
]

/**
 * What an event is about, in CloudTrail's order: what it made, with every name that it has, then what it was done to. An event tells
 * little of it by itself (`resources`); the rest stands in its parameters and its answer.
 */
export function resourcesOf(event: Recorded): readonly EventResource[] {
  const found = new Map<string, EventResource>()
  const add = (type: string | undefined, name: string | undefined) => {
    if (type !== undefined && name !== undefined && name !== '') found.set(`${type}\t${name}`, { type, name })
  }
  const response = event.at('responseElements')
  for (const [member, type, names] of answers) {
    const made = memberOf(response, member)
    for (const name of names) add(type, textOf(made, name))
    // QUIRK: session-name-is-resource. A session is listed by its ARN, its id and its bare name.
    if (member === 'assumedRoleUser') add(type, textOf(made, 'arn')?.split('/').at(-1))
    if (member === 'federatedUser') add(type, textOf(made, 'arn')?.split('/').at(-1))
  }
  for (const resource of event.list('resources')) add(textOf(resource, 'type'), textOf(resource, 'ARN'))
  const asked = event.at('requestParameters')
  if (typeof asked === 'object' && asked !== null)
    for (const [name, value] of Object.entries(asked))
      if (Object.hasOwn(parameters, name) && typeof value === 'string') add(parameters[name], value)
  return [...found.values()]
}
