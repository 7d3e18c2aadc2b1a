/** A resource as event history tells it: its type, and one of its names. */
export interface NamedResource {
  readonly type: string
  readonly name: string
}

/** Types whose names are told with what they are names of, as ARNs are: `user/ann`. */
const kinds: ReadonlyMap<string, string> = new Map([
  ['AWS::IAM::User', 'user/'],
  ['AWS::IAM::Role', 'role/'],
  ['AWS::IAM::Group', 'group/'],
  ['AWS::IAM::Policy', 'policy/'],
  ['AWS::IAM::InstanceProfile', 'instance-profile/'],
  ['AWS::IAM::MfaDevice', 'mfa/'],
  ['AWS::IAM::ServerCertificate', 'server-certificate/'],
])

/**
 * What a call was about, each thing once and as short as it is clear: `user/ann`, in another account the whole ARN. Event history
 * tells every name that a thing has. Of a session that began it is the role that tells people something; its key is in the record.
 */
export function touchedIn(
  account: string,
  eventSource: string,
  resources: readonly NamedResource[],
): readonly string[] {
  const about = resources.filter(({ type }) => !(eventSource === 'sts.amazonaws.com' && isSession(type)))
  // Organizations' ARNs are long, and end in the id.
  if (eventSource === 'organizations.amazonaws.com')
    return about.map(({ name }) => name).filter((name) => !name.includes(':'))
  return (about.length === 0 ? resources : about)
    .filter((one) => !isOtherName(one, resources))
    .map((one) => shortened(account, one))
}

/**
 * What a call was about that policies refused: such a record may have no parameters, so it is read off the words of the refusal, which
 * name it as an ARN, as `user ann` or as `policy` with an ARN.
 */
export function refusedOn(account: string, message: string | undefined): readonly string[] {
  const noun = /not authorized to perform: \S+ on resource: (.+?)(?: because | with an explicit |$)/.exec(
    message ?? '',
  )?.[1]
  if (noun === undefined || noun === '*') return []
  const name = noun.slice(noun.lastIndexOf(' ') + 1)
  return [isArn(name) ? shortened(account, { type: '', name }) : noun.replaceAll(' ', '/')]
}

const isSession = (type: string): boolean => type === 'AWS::IAM::AccessKey' || type === 'AWS::STS::AssumedRole'

const isArn = (name: string): boolean => name.startsWith('arn:')
const uniqueId = /^[A-Z]{4}[A-Z0-9]{17}$/

/** The id or the bare name of something whose ARN is told as well. */
const isOtherName = ({ type, name }: NamedResource, among: readonly NamedResource[]): boolean =>
  !isArn(name) &&
  among.some(
    (other) =>
      other.type === type &&
      isArn(other.name) &&
      (uniqueId.test(name) || name.split(':').at(-1) === other.name.split('/').at(-1)),
  )

function shortened(account: string, { type, name }: NamedResource): string {
  if (!isArn(name)) return `${kinds.get(type) ?? ''}${name}`
  const [, , , , owner, ...rest] = name.split(':')
  return owner === account ? rest.join(':') : name
}
