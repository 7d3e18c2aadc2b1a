import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Env, have, type Ran, root, run } from './process.ts'

/** The aws CLI that is installed here, of whichever generation. */
export interface Aws {
  readonly run: (args: readonly string[], env: Readonly<Record<string, string>>, cwd?: string) => Promise<Ran>
  readonly close: () => void
}

export const hasAws = await have('aws')
/** In the name of what is left out, and on a line of its own, so that it is not silent. */
export const leftOut = hasAws ? '' : ' (left out: there is no aws CLI here)'
if (!hasAws) console.warn(`tests with the aws CLI${leftOut}`)

/** Where its program is a Python package it is loaded once; otherwise every command is a process of its own. */
export async function openAws(): Promise<Aws> {
  if (!(await have('python3', ['-c', 'import awscli.clidriver']))) {
    return { run: (args, env, cwd) => run('aws', args, env, cwd), close: () => undefined }
  }
  const child = spawn('python3', [join(root, 'test', 'clients', 'aws.py')], {
    env: { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const waiting: { readonly resolve: (ran: Ran) => void; readonly reject: (error: Error) => void }[] = []
  // Answers come in the order of the questions.
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line) as Ran))
  let ended: Error | undefined
  child.on('exit', (code) => {
    ended = new Error(`the aws CLI ended with ${code}`)
    for (const { reject } of waiting.splice(0)) reject(ended)
  })
  return {
    run: (args, env, cwd = root) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(ended)
        waiting.push({ resolve, reject })
        child.stdin.write(`${JSON.stringify({ args, env: { PATH: process.env.PATH ?? '', ...env }, cwd })}\n`)
      }),
    close: () => child.stdin.end(),
  }
}

/** Where commands are typed: in a folder with their files, with somebody's keys if no other's are said. */
export interface Terminal {
  readonly run: (line: string, env?: Env) => Promise<Ran>
  /** A command that must succeed without a word on stderr. */
  readonly text: (line: string, env?: Env) => Promise<string>
  /** What it prints, of a type that only the test knows. */
  readonly json: (line: string, env?: Env) => Promise<ReturnType<typeof JSON.parse>>
  /** The words of a refusal, which the command must end in. */
  readonly refused: (line: string, env?: Env) => Promise<string>
}
/** Refused by the service: 255 of the first generation, 254 of the second. */
export const refusedCodes = [254, 255]

export const variables = (env: Env, folder: string) => ({
  AWS_ENDPOINT_URL: env.endpoint,
  AWS_DEFAULT_REGION: env.region,
  AWS_ACCESS_KEY_ID: env.accessKeyId,
  AWS_SECRET_ACCESS_KEY: env.secretAccessKey,
  ...(env.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: env.sessionToken }),
  AWS_MAX_ATTEMPTS: '1',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_PAGER: '',
  HOME: folder,
})

/** Lines are cut at their spaces: whatever has spaces in it is in a file. */
export function terminalIn(folder: string, aws: Aws, own: Env): Terminal {
  const ran = (line: string, env = own) => aws.run(line.split(' '), variables(env, folder), folder)
  const text = async (line: string, env?: Env) => {
    const { code, stdout, stderr } = await ran(line, env)
    if (code !== 0 || stderr !== '') throw new Error(`aws ${line} ended with ${code}: ${stderr}`)
    return stdout
  }
  return {
    run: ran,
    text,
    json: async (line, env) => JSON.parse((await text(line, env)) || '{}'),
    async refused(line, env) {
      const { code, stdout, stderr } = await ran(line, env)
      if (!refusedCodes.includes(code) || stdout !== '')
        throw new Error(`aws ${line} was not refused: ${code} ${stdout}`)
      return stderr.trim()
    },
  }
}
