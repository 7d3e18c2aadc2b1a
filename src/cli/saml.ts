import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { parseArn } from '../base/arn.ts'
import { machineClock, machineRandom } from '../host/machine.ts'
import { issue, type LocalProvider, metadataOf, newProviderKey } from '../token/saml-issue.ts'
import { selfSigned } from '../token/self-signed.ts'
import { countArgument, textArgument } from './argument.ts'
import { Failure } from './failure.ts'
import { dataArgument, defaultData, shown } from './place.ts'

const attributes = 'https://aws.amazon.com/SAML/Attributes/'
const endpoint = 'https://signin.aws.amazon.com/saml'
const defaultIssuer = 'urn:rolecall:local-idp'
const fileName = 'saml-idp.pem'

interface Options {
  readonly data: string
  readonly issuer: string
}

interface AssertionOptions extends Options {
  readonly role: readonly string[]
  readonly provider: string
  readonly sessionName: string
  readonly subject?: string
  readonly format: string
  readonly tag?: readonly Pair[]
  readonly transitive?: readonly string[]
  readonly sourceIdentity?: string
  readonly duration?: number
  readonly endsIn?: number
  readonly attribute?: readonly Pair[]
  readonly audience: string
  readonly recipient: string
}

type Pair = readonly [name: string, value: string]

function pairArgument(text: string, before: readonly Pair[] = []): readonly Pair[] {
  const at = text.indexOf('=')
  if (at > 0) return [...before, [text.slice(0, at), text.slice(at + 1)]]
  throw new InvalidArgumentError('It is a name, =, and a value.')
}

function roleArgument(text: string, before: readonly string[] = []): readonly string[] {
  const arn = parseArn(text)
  if (arn?.service === 'iam' && arn.resource.startsWith('role/')) return [...before, text]
  throw new InvalidArgumentError('It is the ARN of a role: arn:aws:iam::012345678901:role/dev.')
}

const more = (text: string, before: readonly string[] = []): readonly string[] => [...before, textArgument(text)]

export function addSaml(program: Command): void {
  const saml = program
    .command('saml')
    .summary('be a SAML identity provider, to try out AssumeRoleWithSAML')
    .description(
      'A SAML identity provider on the command line, for development: it says of anybody whatever it is told to. Its key is kept in the data directory. Only an authority in which somebody registers its metadata believes it.',
    )
    .addHelpText(
      'after',
      `
Examples:
  aws iam create-saml-provider --name local \\
    --saml-metadata-document "$(rolecall saml metadata)"
  role=arn:aws:iam::012345678901:role/dev
  aws sts assume-role-with-saml --role-arn "$role" \\
    --principal-arn arn:aws:iam::012345678901:saml-provider/local \\
    --saml-assertion "$(rolecall saml assertion --role "$role" \\
      --session-name alice --tag team=red)"`,
    )

  const onProvider = (name: string) =>
    saml
      .command(name)
      .option('--data <dir>', 'data directory in which its key is kept', dataArgument, defaultData)
      .option('--issuer <id>', 'its entity id', textArgument, defaultIssuer)

  onProvider('metadata')
    .summary('print the metadata to register it with')
    .description(
      'Prints the metadata that CreateSAMLProvider and UpdateSAMLProvider take. Makes a key where there is none.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  rolecall saml metadata > idp.xml\n  aws iam create-saml-provider --name local \\\n    --saml-metadata-document file://idp.xml',
    )
    .action((options: Options) => {
      process.stdout.write(metadataOf(providerIn(options)))
    })

  onProvider('assertion')
    .summary('print a signed response, base64')
    .description(
      'Prints the response that an identity provider posts after a login. It is good for five minutes, and once.',
    )
    .requiredOption('--role <arn>', 'a role that may be assumed; may be given several times', roleArgument)
    .requiredOption('--session-name <name>', 'RoleSessionName: who it is, as the session shows it', textArgument)
    .option('--provider <name>', 'the name that it is registered under', textArgument, 'local')
    .option('--subject <name>', 'NameID (default: the session name)', textArgument)
    .addOption(
      new Option('--format <format>', 'format of the NameID: persistent, transient, or a URI')
        .argParser(textArgument)
        .default('persistent'),
    )
    .option('--tag <key=value>', 'a session tag; may be given several times', pairArgument)
    .option('--transitive <key>', 'a tag that is handed on; may be given several times', more)
    .option('--source-identity <name>', 'SourceIdentity', textArgument)
    .option('--duration <seconds>', 'SessionDuration: the longest that it may last', countArgument(900, 43_200))
    .option('--ends-in <seconds>', 'SessionNotOnOrAfter: when the login itself ends', countArgument(1, 604_800))
    .option('--attribute <name=value>', 'any further attribute; may be given several times', pairArgument)
    .option('--audience <uri>', 'who may read it', textArgument, 'urn:amazon:webservices')
    .option('--recipient <url>', 'where it is sent to: saml:aud', textArgument, endpoint)
    .addHelpText(
      'after',
      `
Examples:
  rolecall saml assertion --role arn:aws:iam::012345678901:role/dev \\
    --session-name alice
  rolecall saml assertion --role arn:aws:iam::012345678901:role/dev \\
    --session-name alice --subject alice@example.com \\
    --tag team=red --transitive team \\
    --attribute urn:oid:1.3.6.1.4.1.5923.1.1.1.1=staff`,
    )
    .action((options: AssertionOptions) => {
      process.stdout.write(`${issue(providerIn(options), statementOf(options))}\n`)
    })
}

function statementOf(options: AssertionOptions) {
  const { role, provider, sessionName, sourceIdentity, duration, endsIn, format } = options
  const now = machineClock.now()
  const values = new Map<string, string[]>()
  const say = (name: string, value: string) => {
    const said = values.get(name)
    if (said === undefined) values.set(name, [value])
    else said.push(value)
  }
  for (const arn of role)
    say(`${attributes}Role`, `${arn},arn:aws:iam::${parseArn(arn)?.account}:saml-provider/${provider}`)
  say(`${attributes}RoleSessionName`, sessionName)
  for (const [key, value] of options.tag ?? []) say(`${attributes}PrincipalTag:${key}`, value)
  for (const key of options.transitive ?? []) say(`${attributes}TransitiveTagKeys`, key)
  if (sourceIdentity !== undefined) say(`${attributes}SourceIdentity`, sourceIdentity)
  if (duration !== undefined) say(`${attributes}SessionDuration`, String(duration))
  for (const [name, value] of options.attribute ?? []) say(name, value)
  const id = () => `_${Buffer.from(machineRandom().bytes(20)).toString('hex')}`
  return {
    ids: [id(), id()] as const,
    now,
    subject: options.subject ?? sessionName,
    format: /^[a-z]+$/i.test(format) ? `urn:oasis:names:tc:SAML:2.0:nameid-format:${format}` : format,
    audience: options.audience,
    recipient: options.recipient,
    sessionEndsAt: endsIn === undefined ? undefined : now + endsIn * 1000,
    attributes: [...values],
  }
}

/** The provider whose key is in the data directory. One that is made is kept: who has registered its metadata goes on believing it. */
function providerIn({ data, issuer }: Options): LocalProvider {
  const directory = resolve(data)
  const file = join(directory, fileName)
  if (!existsSync(file)) make(directory, file)
  const text = readFileSync(file, 'utf8')
  const key = blockIn(text, 'PRIVATE KEY')
  const certificate = blockIn(text, 'CERTIFICATE')
  if (key === undefined || certificate === undefined)
    throw new Failure(`${shown(file)} holds no key with its certificate. Move it away to have a new one made.`)
  return { issuer, key, certificate: certificate.replace(/-----[^-]+-----|\s/g, '') }
}

function make(directory: string, file: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const key = newProviderKey()
  const certificate = selfSigned(key, 'rolecall local identity provider', machineClock.now(), machineRandom().bytes(16))
  const lines = certificate.match(/.{1,64}/g)?.join('\n')
  const fresh = `${file}.${process.pid}`
  writeFileSync(fresh, `${key}-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`, {
    mode: 0o600,
    flag: 'wx',
  })
  try {
    // Of two who make one at the same time, the first has made it.
    linkSync(fresh, file)
  } catch (error) {
    if (!existsSync(file)) throw error
  } finally {
    rmSync(fresh)
  }
}

function blockIn(text: string, label: string): string | undefined {
  const [begin, end] = [`-----BEGIN ${label}-----`, `-----END ${label}-----`]
  const from = text.indexOf(begin)
  const to = text.indexOf(end, from)
  return from < 0 || to < 0 ? undefined : text.slice(from, to + end.length)
}
