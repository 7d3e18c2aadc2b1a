import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { call } from '../test/clients/call.ts'
import { type Env, rolecall, root } from '../test/clients/process.ts'
import { cpuSeconds } from './cpu.ts'
import { load } from './load.ts'
import { signedRequest } from './request.ts'

/** What so many processes over one folder come to, under one kind of call. */
export interface Scale {
  readonly call: string
  readonly workers: number
  readonly perSecond: number
  /** CPU milliseconds of a call, of all processes and threads together; not a number where the system does not tell. */
  readonly callMilliseconds: number
}

const connections = 64

/**
 * One worker against two. Where the client takes a core that the second worker would need, the rate does not double; what a call
 * costs then tells how much it would: as much as the cost does not rise.
 */
export async function benchScale(options: { readonly seconds: number; readonly json: boolean }): Promise<void> {
  const rows: Scale[] = []
  for (const workers of [1, 2]) {
    process.stderr.write(`measuring ${workers} worker${workers === 1 ? '' : 's'}\n`)
    rows.push(...(await measure(workers, options.seconds)))
  }
  if (options.json) {
    console.log(JSON.stringify(rows))
    return
  }
  console.log('\n  workers over one folder             per second     CPU of a call')
  for (const { call: name, workers, perSecond, callMilliseconds } of rows)
    console.log(
      `  ${`${name}, ${workers}`.padEnd(34)}${perSecond.toFixed(0).padStart(12)}${`${callMilliseconds.toFixed(3)} ms`.padStart(18)}`,
    )
  for (const name of new Set(rows.map((row) => row.call))) {
    const [one, two] = rows.filter((row) => row.call === name)
    if (one === undefined || two === undefined) continue
    console.log(
      `  ${name}: two against one ${(two.perSecond / one.perSecond).toFixed(2)}x here, with the client on one of ${availableParallelism()} cores; ` +
        `${((2 * one.callMilliseconds) / two.callMilliseconds).toFixed(2)}x by what a call costs (goal 1.7x)`,
    )
  }
}

async function measure(workers: number, seconds: number): Promise<readonly Scale[]> {
  const data = mkdtempSync(join(tmpdir(), 'rolecall-scale-'))
  const child = spawn(
    process.execPath,
    [
      join(root, 'bin', 'rolecall.js'),
      'serve',
      '--store',
      data,
      '--listen',
      '127.0.0.1:0',
      '--workers',
      String(workers),
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] },
  )
  try {
    let output = ''
    const endpoint = await new Promise<string>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString()
        const ready = /^rolecall is ready: (\S+)$/m.exec(output)?.[1]
        if (ready !== undefined) resolve(ready)
      })
      child.on('exit', (code) => reject(new Error(`rolecall ended with ${code}: ${output}`)))
    })
    const env = JSON.parse((await rolecall(['env', '--data', data, '--json'])).stdout) as Env
    const trust = {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: { AWS: env.accountId }, Action: 'sts:AssumeRole' },
    }
    await call(endpoint, env, 'iam', 'CreateRole', {
      RoleName: 'bench',
      AssumeRolePolicyDocument: JSON.stringify(trust),
    })
    const version = { Version: '2011-06-15' }
    const RoleArn = `arn:aws:iam::${env.accountId}:role/bench`
    const calls = {
      GetCallerIdentity: { Action: 'GetCallerIdentity', ...version },
      AssumeRole: { Action: 'AssumeRole', ...version, RoleArn, RoleSessionName: 'bench' },
    }
    const rows: Scale[] = []
    for (const [name, parameters] of Object.entries(calls)) {
      const requests = [signedRequest(endpoint, env, 'sts', parameters)]
      const port = Number(new URL(endpoint).port)
      await load(port, requests, { connections, seconds: Math.min(2, seconds) })
      const before = cpuOfAll(child.pid ?? 0)
      const result = await load(port, requests, { connections, seconds })
      const used = cpuOfAll(child.pid ?? 0) - before
      rows.push({
        call: name,
        workers,
        perSecond: result.answers / result.seconds,
        callMilliseconds: (1000 * used) / result.answers,
      })
    }
    return rows
  } finally {
    const ended = new Promise((resolve) => child.on('exit', resolve))
    child.kill('SIGTERM')
    await ended
    rmSync(data, { recursive: true, force: true })
  }
}

/** CPU seconds of a process and of those that it started. */
function cpuOfAll(pid: number): number {
  let children: readonly number[] = []
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  } catch {
    return Number.NaN
  }
  return [pid, ...children].reduce((sum, each) => sum + (cpuSeconds(each) ?? Number.NaN), 0)
}
