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
  newUserName: 'AWS::IAM::User',
  newGroupName: 'AWS::IAM::Group',
  newServerCertificateName: 'AWS::IAM::ServerCertificate',
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
  ['serverCertificateMetadata', 'AWS::IAM::ServerCertificate', ['arn', 'serverCertificateId', 'serverCertificateName']],
  ['certificate', 'AWS::IAM::SigningCertificate', ['certificateId']],
  ['sSHPublicKey', 'AWS::IAM::SshPublicKey', ['sSHPublicKeyId']],
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
  const asked = event.at('requestParameters')
  if (event.text('eventSource') === 'organizations.amazonaws.com') {
    for (const name of organizationsNames(response, asked)) add(organizationsType(name), name)
    return [...found.values()]
  }
  for (const [member, type, names] of answers) {
    const made = memberOf(response, member)
    for (const name of names) add(type, textOf(made, name))
    // QUIRK: session-name-is-resource. A session is listed by its ARN, its id and its bare name.
    if (member === 'assumedRoleUser') add(type, textOf(made, 'arn')?.split('/').at(-1))
    if (member === 'federatedUser') add(type, textOf(made, 'arn')?.split('/').at(-1))
  }
  for (const resource of event.list('resources')) add(textOf(resource, 'type'), textOf(resource, 'ARN'))
  // Some answers are no more than the ARN of what was made.
  for (const values of [response, asked])
    if (typeof values === 'object' && values !== null)
      for (const [name, value] of Object.entries(values))
        if (Object.hasOwn(parameters, name) && typeof value === 'string') add(parameters[name], value)
  return [...found.values()]
}

/** The parameters of Organizations that are ids of something. */
const organizationsParameters = [
  'accountId',
  'childId',
  'createAccountRequestId',
  'destinationParentId',
  'handshakeId',
  'organizationalUnitId',
  'parentId',
  'policyId',
  'resourceId',
  'rootId',
  'sourceParentId',
  'targetId',
]

/** Where an answer of Organizations holds what was made or changed. */
const organizationsAnswers: readonly (readonly string[])[] = [
  ['organization'],
  ['root'],
  ['organizationalUnit'],
  ['policy', 'policySummary'],
  ['resourcePolicy', 'resourcePolicySummary'],
  ['createAccountStatus'],
  ['handshake'],
]

/** Every name of Organizations' that an event has, by which it is found; what it is can be read off it. */
function organizationsNames(response: unknown, asked: unknown): readonly string[] {
  const names: unknown[] = []
  for (const path of organizationsAnswers) {
    const made = path.reduce(memberOf, response)
    names.push(textOf(made, 'arn'), textOf(made, 'id'), textOf(made, 'accountId'))
    const parties = memberOf(made, 'parties')
    if (Array.isArray(parties)) for (const party of parties) names.push(textOf(party, 'id'))
  }
  for (const name of organizationsParameters) names.push(textOf(asked, name))
  names.push(textOf(memberOf(asked, 'target'), 'id'))
  return names.filter((name) => typeof name === 'string')
}

/** By the beginnings of ids. What CloudFormation has a name for is called by it, and what it has not as the API Reference does. */
const organizationsTypes: readonly (readonly [id: RegExp, type: string])[] = [
  [/^[0-9]{12}$/, 'Account'],
  [/^ou-/, 'OrganizationalUnit'],
  [/^p-/, 'Policy'],
  [/^rp-/, 'ResourcePolicy'],
  [/^r-/, 'Root'],
  [/^o-/, 'Organization'],
  [/^h-/, 'Handshake'],
  [/^car-/, 'CreateAccountStatus'],
]

function organizationsType(name: string): string | undefined {
  // An ARN ends in the id.
  const id = name.split('/').at(-1) ?? ''
  const type = organizationsTypes.find(([begins]) => begins.test(id))?.[1]
  return type === undefined ? undefined : `AWS::Organizations::${type}`
}
