import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { changeIssuer, signedBy, withKeyFor } from '../host/local-issuer.ts'
import { machineClock, machineRandom } from '../host/machine.ts'
import { writePrivately } from '../host/private-file.ts'
import { algorithms } from '../token/algorithm.ts'
import { durationArgument, textArgument } from './argument.ts'
import { type Claims, claimsOfJob, claimsOfPod, claimsOfTags } from './claims.ts'
import { exitUsage, Failure, wordsOf } from './failure.ts'
import { defaultIssuerData, issuerArgument, several } from './issuer-options.ts'
import { dataArgument } from './place.ts'

type Pair<T = string> = readonly [name: string, value: T]

function pairArgument(text: string): Pair {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new InvalidArgumentError('It is a name and a value: name=value')
}

/** `name=text`, or `name:=JSON` for what is no text. */
function claimArgument(text: string): Pair<unknown> {
  const [name, value] = pairArgument(text)
  if (!name.endsWith(':')) return [name, value]
  try {
    return [name.slice(0, -1), JSON.parse(value)]
  } catch {
    throw new InvalidArgumentError('After := comes JSON: name:=true, name:=\'["a","b"]\'')
  }
}

function repositoryArgument(text: string): string {
  if (/^[\w.-]+\/[\w.-]+$/.test(text)) return text
  throw new InvalidArgumentError('A repository has an owner and a name: octo-org/octo-repo')
}

function accountArgument(text: string): Pair {
  const [, namespace, name] = /^([a-z0-9-]+):([a-z0-9.-]+)$/.exec(text) ?? []
  if (namespace !== undefined && name !== undefined) return [namespace, name]
  throw new InvalidArgumentError('A service account has a namespace and a name: default:app')
}

interface Options {
  readonly sub?: string
  readonly aud?: readonly string[]
  readonly claim?: readonly Pair<unknown>[]
  readonly amr?: readonly string[]
  readonly tag?: readonly Pair[]
  readonly transitive?: readonly string[]
  readonly sourceIdentity?: string
  readonly role?: readonly string[]
  readonly githubRepository?: string
  readonly ref: string
  readonly environment?: string
  readonly event: string
  readonly actor: string
  readonly workflow: string
  readonly serviceAccount?: Pair
  readonly expiresIn?: number
  readonly algorithm: string
  readonly issuer?: string
  readonly out?: string
  readonly json?: boolean
  readonly data: string
}

export function addToken(oidc: Command): void {
  oidc
    .command('token')
    .summary('print a signed token')
    .description('Prints an ID token of the issuer. The issuer need not run: its folder is enough.')
    .option('--sub <text>', 'whom it is about', textArgument)
    .option('--aud <text>', 'whom it is for; may be repeated (default: sts.amazonaws.com)', several(textArgument))
    .option('--claim <name=value>', 'another claim; name:=JSON for what is no text', several(claimArgument))
    .option('--amr <text>', 'how somebody was known to be the one', several(textArgument))
    .option('--tag <key=value>', 'a session tag', several(pairArgument))
    .option('--transitive <key>', 'a tag that goes on to the next role', several(textArgument))
    .option('--source-identity <text>', 'the source identity of the session', textArgument)
    .option('--role <arn>', 'a role that it is good for, and no other', several(textArgument))
    .option('--github-repository <owner/name>', 'as a job of GitHub Actions has it', repositoryArgument)
    .option('--ref <ref>', 'of the job: branch or tag', textArgument, 'refs/heads/main')
    .option('--environment <name>', 'of the job', textArgument)
    .option('--event <name>', 'that began the job', textArgument, 'push')
    .option('--actor <name>', 'who began the job', textArgument, 'octocat')
    .option('--workflow <file>', 'of the job', textArgument, 'deploy.yml')
    .option('--service-account <ns:name>', 'as a pod of Kubernetes has it', accountArgument)
    .option('--expires-in <span>', 'how long it is good: 5m of a job, else 1h', durationArgument)
    .addOption(new Option('--algorithm <name>', 'how it is signed').choices([...algorithms.keys()]).default('RS256'))
    .option('--issuer <url>', 'in another name than the folder’s', issuerArgument)
    .option('--out <file>', 'write it there, for its owner alone, instead', textArgument)
    .option('--json', 'print one JSON object: the token, and what it says')
    .option('--data <dir>', 'where the keys are kept', dataArgument, defaultIssuerData)
    .addHelpText(
      'after',
      `
Examples:
  rolecall oidc token --sub somebody --tag team=blue --expires-in 10m
  rolecall oidc token --github-repository octo-org/octo-repo --environment prod
  rolecall oidc token --service-account default:app --out token`,
    )
    .action(token)
}

/** Whole seconds, as most issuers have them. */
const second = 1000
const usualSpan = 60 * 60 * second
const jobSpan = 5 * 60 * second
/** GitHub's tokens are good from some minutes before they are issued, for those whose clock is behind. */
const jobLead = 10 * 60

/** What the token is about, by the kind of workload that it is a token of. */
function subjectOf(options: Options): Claims {
  const { githubRepository: repository, serviceAccount, sub } = options
  const chosen = [repository, serviceAccount, sub].filter((one) => one !== undefined)
  if (chosen.length !== 1)
    throw new Failure('a token is about one: give --sub, --github-repository or --service-account', exitUsage)
  const random = machineRandom()
  if (serviceAccount !== undefined) return claimsOfPod(...serviceAccount, random)
  if (repository === undefined) return { sub }
  const { ref, environment, event, actor, workflow } = options
  return claimsOfJob(
    { repository, ref, event, actor, workflow, ...(environment === undefined ? {} : { environment }) },
    random,
  )
}

function claimsOf(options: Options, issuer: string): Claims {
  const { aud = ['sts.amazonaws.com'], amr, tag, transitive, sourceIdentity, role, claim = [] } = options
  const { githubRepository, serviceAccount } = options
  const job = githubRepository !== undefined
  const now = Math.floor(machineClock.now() / second)
  const span = options.expiresIn ?? (job ? jobSpan : usualSpan)
  return {
    iss: issuer,
    // A pod's token has a list, also of one.
    aud: aud.length === 1 && serviceAccount === undefined ? aud[0] : aud,
    iat: now,
    nbf: job ? now - jobLead : now,
    exp: now + Math.floor(span / second),
    ...subjectOf(options),
    ...(amr === undefined ? {} : { amr }),
    ...claimsOfTags(tag, transitive),
    ...(sourceIdentity === undefined ? {} : { 'https://aws.amazon.com/source_identity': sourceIdentity }),
    ...(role === undefined ? {} : { 'https://aws.amazon.com/roles': role }),
    ...Object.fromEntries(claim),
  }
}

function token(options: Options): void {
  const { algorithm, out, json, data } = options
  try {
    const issuer = changeIssuer(resolve(data), (kept) => withKeyFor(kept, algorithm))
    const claims = claimsOf(options, options.issuer ?? issuer.url)
    const text = signedBy(issuer, algorithm, claims)
    if (out !== undefined) writePrivately(resolve(out), text)
    if (json)
      process.stdout.write(`${JSON.stringify({ ...(out === undefined ? { token: text } : { out }), claims })}\n`)
    else if (out === undefined) process.stdout.write(`${text}\n`)
  } catch (error) {
    const words = wordsOf(error)
    throw words === undefined || error instanceof Failure ? error : new Failure(words)
  }
}
