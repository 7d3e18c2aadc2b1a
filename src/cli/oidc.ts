import { resolve } from 'node:path'
import type { Command } from 'commander'
import { listen } from '../host/listen.ts'
import {
  answerAs,
  changeIssuer,
  keySetOf,
  type LocalIssuer,
  readIssuer,
  renamed,
  rotated,
} from '../host/local-issuer.ts'
import { portArgument } from './argument.ts'
import { Failure, wordsOf } from './failure.ts'
import { defaultIssuerData, issuerArgument } from './issuer-options.ts'
import { addToken } from './oidc-token.ts'
import { dataArgument, self, shown } from './place.ts'
import { word } from './shell.ts'
import { stopSignal } from './signal.ts'
import { version } from './version.ts'

const defaultPort = 9100

interface Options {
  readonly port: number
  readonly data: string
  readonly issuer?: string
}

export function addOidc(program: Command): void {
  const oidc = program
    .command('oidc')
    .enablePositionalOptions()
    .summary('issue ID tokens for trying web identity federation')
    .description(
      'Runs an issuer of ID tokens on 127.0.0.1, for development: whoever can read its folder can sign in its name. It may speak in the ' +
        'name of another issuer, so that a trust policy can be tried as it will be used.',
    )
    .option('--port <number>', 'port to listen on; 0 takes a free one', portArgument, defaultPort)
    .option('--issuer <url>', 'in whose name it speaks from now on (default: https://oidc.test)', issuerArgument)
    .option('--data <dir>', 'where its keys are kept', dataArgument, defaultIssuerData)
    .addHelpText(
      'after',
      `
Examples:
  rolecall oidc
  rolecall oidc --issuer https://token.actions.githubusercontent.com
  rolecall oidc token --github-repository octo-org/octo-repo --environment prod

An authority believes it where it is started with what it prints. To begin
anew, delete the folder.`,
    )
    .action(serve)

  addToken(oidc)

  oidc
    .command('keys')
    .summary('print the keys that tokens are verified with')
    .description('Prints the key set that the issuer publishes: JSON, without a secret.')
    .option('--data <dir>', 'where its keys are kept', dataArgument, defaultIssuerData)
    .addHelpText(
      'after',
      `
Example:
  rolecall oidc keys > keys.json
  rolecall up --issuer-keys https://oidc.test=keys.json`,
    )
    .action(({ data }: { data: string }) => {
      process.stdout.write(`${JSON.stringify(keySetOf(issuerIn(data)))}\n`)
    })

  oidc
    .command('rotate')
    .summary('sign with fresh keys from now on')
    .description(
      'Makes a fresh key of each kind that the issuer has. Those of before are published on, so that tokens which they signed stay good.',
    )
    .option('--drop-old', 'publish them no longer: what they signed is good nowhere any more')
    .option('--json', 'print one JSON object')
    .option('--data <dir>', 'where its keys are kept', dataArgument, defaultIssuerData)
    .addHelpText('after', '\nExamples:\n  rolecall oidc rotate\n  rolecall oidc rotate --drop-old')
    .action(({ data, dropOld = false, json }: { data: string; dropOld?: boolean; json?: boolean }) => {
      issuerIn(data)
      const { keys } = changed(data, (issuer) => rotated(issuer, { dropOld }))
      const kids = keys.map(({ kid }) => kid)
      process.stdout.write(json ? `${JSON.stringify({ keys: kids })}\n` : `${kids.join('\n')}\n`)
    })
}

/** The issuer of a folder, or a Failure that says how to make one. */
function issuerIn(data: string): LocalIssuer {
  const issuer = failing(() => readIssuer(resolve(data)))
  if (issuer !== undefined) return issuer
  throw new Failure(`there is no issuer in ${shown(resolve(data))}. Start one with: ${self()} oidc`)
}

/** As the issuer of a folder becomes. */
const changed = (data: string, change: (issuer: LocalIssuer) => LocalIssuer): LocalIssuer =>
  failing(() => changeIssuer(resolve(data), change))

export function failing<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    const words = wordsOf(error)
    throw words === undefined ? error : new Failure(words)
  }
}

async function serve({ port, data, issuer: url }: Options): Promise<void> {
  const directory = resolve(data)
  const first = changed(data, (issuer) => (url === undefined ? issuer : renamed(issuer, url)))
  const stop = stopSignal()
  // Read anew for every request: a rotation is seen at once.
  const answer = async (request: Parameters<typeof answerAs>[1]) => answerAs(readIssuer(directory) ?? first, request)
  const listener = await listen({ host: '127.0.0.1', port }, answer, (error) => {
    process.stderr.write(`rolecall: ${error instanceof Error ? error.message : String(error)}\n`)
  }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE'
      ? new Failure(`port ${port} is in use. Choose another with --port, or --port 0 for any.`)
      : error
  })
  process.stdout.write(banner(first, `http://127.0.0.1:${listener.port}`, data))
  await stop
  await listener.close()
  process.stdout.write('rolecall oidc has stopped\n')
}

function banner({ url }: LocalIssuer, endpoint: string, data: string): string {
  const folder = data === defaultIssuerData ? '' : ` --data ${word(data)}`
  return `rolecall oidc ${version()}
  issuer       ${url}
  keys         ${shown(resolve(data))}
  believe it   ${self()} up --issuer-keys ${url}=${endpoint}
  register it  aws iam create-open-id-connect-provider --url ${url} --client-id-list sts.amazonaws.com
  a token      ${self()} oidc token${folder} --sub somebody
  stop         Ctrl-C
rolecall oidc is ready: ${endpoint}
`
}
