// `npm run bench`: what a signed, enforced, recorded call costs, beside a bare HTTP server and moto, in one run on one machine.
// The measure is answers per CPU second of the server: it does not depend on how fast the client is or what else runs.
import { type ChildProcess, spawn } from 'node:child_process'
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam'
import { Option } from 'commander'
import { clientOf, discard, envOf, have, root, startRolecall } from '../test/clients/process.ts'
import { many, program } from '../test/program.ts'
import { cpuSeconds } from './cpu.ts'
import { benchEngines } from './engines.ts'
import { type Load, load } from './load.ts'
import { signedRequest } from './request.ts'
import { benchScale } from './scale.ts'
import { benchSize } from './size.ts'
import { benchTrail } from './trail.ts'
import { durableWrites, type Writes } from './writes.ts'

const values = program(
  'bench',
  'Measures what things cost, beside a bare server, moto and other engines, in one run.',
  ['', '--only calls --seconds 10', '--only trail --records 10000000 --trail /var/tmp/trail'],
)
  .addOption(
    new Option('--only <part>', 'one part of it').choices(['calls', 'writes', 'scale', 'size', 'engines', 'trail']),
  )
  .option('--seconds <number>', 'how long each measure takes', many, 5)
  .option('--connections <number>', 'how many clients ask at once', many, 32)
  .option('--records <number>', 'how many events the trail holds', many, 1_000_000)
  .option('--trail <folder>', 'make the trail here and keep it; one that is there is measured')
  .option('--json', 'print JSON', false)
  .parse()
  .opts<{
    only?: string
    seconds: number
    connections: number
    records: number
    trail?: string
    json: boolean
  }>()
const { seconds, connections } = values

interface Row {
  readonly name: string
  readonly perCpuSecond: number
  readonly perSecond: number
}

const say = (text: string) => process.stderr.write(`${text}\n`)

/** Measures one server under one kind of request: once to warm up, then for the count. */
async function measure(
  name: string,
  pid: number,
  port: number,
  requests: readonly Uint8Array[],
): Promise<Row & { readonly load: Load }> {
  say(`measuring ${name}`)
  await load(port, requests, { connections, seconds: Math.min(2, seconds) })
  const before = cpuSeconds(pid)
  const result = await load(port, requests, { connections, seconds })
  const after = cpuSeconds(pid)
  const used = before === undefined || after === undefined ? result.seconds : after - before
  return { name, perCpuSecond: result.answers / used, perSecond: result.answers / result.seconds, load: result }
}

/** Starts a server that prints its port, and waits for the line. */
function started(
  command: string,
  args: readonly string[],
  ready: RegExp,
): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  return new Promise((resolve, reject) => {
    let output = ''
    const read = (chunk: Buffer) => {
      output += chunk.toString()
      const port = ready.exec(output)?.[1]
      if (port !== undefined) resolve({ child, port: Number(port) })
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.on('exit', (code) => reject(new Error(`${command} ended with ${code}: ${output}`)))
  })
}

const sts = { Version: '2011-06-15' }
const identity = { Action: 'GetCallerIdentity', ...sts }
const assume = (RoleArn: string) => ({ Action: 'AssumeRole', ...sts, RoleArn, RoleSessionName: 'bench' })

async function floorFor(name: string, requests: readonly Uint8Array[], bodyBytes: number): Promise<Row> {
  const { child, port } = await started(
    process.execPath,
    ['build/bench/floor.js', String(bodyBytes)],
    /floor is ready: (\d+)/,
  )
  try {
    return await measure(name, child.pid ?? 0, port, requests)
  } finally {
    child.kill('SIGKILL')
  }
}

async function rolecall(): Promise<{ readonly rows: readonly Row[]; readonly writes: Writes }> {
  const running = await startRolecall()
  try {
    const env = await envOf(running)
    const RoleName = 'bench'
    await new IAMClient(clientOf(env)).send(
      new CreateRoleCommand({
        RoleName,
        AssumeRolePolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { AWS: env.accountId }, Action: 'sts:AssumeRole' }],
        }),
      }),
    )
    const port = Number(new URL(running.endpoint).port)
    const pid = running.child.pid ?? 0
    const asks = [signedRequest(running.endpoint, env, 'sts', identity)]
    const assumes = [
      signedRequest(running.endpoint, env, 'sts', assume(`arn:aws:iam::${env.accountId}:role/${RoleName}`)),
    ]
    const caller = await measure('GetCallerIdentity, rolecall', pid, port, asks)
    const callerFloor = await floorFor('  the same bytes, bare node:http', asks, caller.load.bodyBytes)
    const role = await measure('AssumeRole, audit durable, rolecall', pid, port, assumes)
    const roleFloor = await floorFor('  the same bytes, bare node:http', assumes, role.load.bodyBytes)
    say('measuring durable writes')
    const writes = await durableWrites(running, env, seconds)
    return { rows: [caller, callerFloor, role, roleFloor], writes }
  } finally {
    await discard(running)
  }
}

/** moto's server where it is installed: it checks neither signature nor permission by default, and keeps nothing. */
async function moto(): Promise<Row[]> {
  if (!(await have('python3', ['-c', 'import moto.server']))) {
    say('moto is left out: python3 -m moto.server is not installed')
    return []
  }
  const { child, port } = await started(
    'python3',
    ['-u', '-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'],
    /http:\/\/127\.0\.0\.1:(\d+)/,
  )
  try {
    const endpoint = `http://127.0.0.1:${port}`
    const signer = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x'.repeat(40) }
    const pid = child.pid ?? 0
    return [
      await measure('GetCallerIdentity, moto', pid, port, [signedRequest(endpoint, signer, 'sts', identity)]),
      await measure('AssumeRole, moto', pid, port, [
        signedRequest(endpoint, signer, 'sts', assume('arn:aws:iam::123456789012:role/bench')),
      ]),
    ]
  } finally {
    child.kill('SIGKILL')
  }
}

/** Durable writes alone: the shortest way to what a commit costs. */
async function writesAlone(): Promise<Writes> {
  const running = await startRolecall()
  try {
    return await durableWrites(running, await envOf(running), seconds)
  } finally {
    await discard(running)
  }
}

if (values.only === 'writes') {
  const { answered, stored } = await writesAlone()
  console.log(
    values.json
      ? JSON.stringify({ answered, stored })
      : `durable writes, 64 in flight: ${answered.toFixed(0)} a second answered, ${stored.toFixed(0)} by the store alone`,
  )
  process.exit()
}
if (values.only === 'size') {
  await benchSize({ seconds, json: values.json })
  process.exit()
}
if (values.only === 'scale') {
  await benchScale({ seconds, json: values.json })
  process.exit()
}
if (values.only === 'trail') {
  await benchTrail({ records: values.records, trail: values.trail, json: values.json })
  process.exit()
}
if (values.only === 'engines') {
  await benchEngines({ seconds, json: values.json })
  process.exit()
}
const { rows: own, writes } = await rolecall()
const rows = [...own, ...(await moto())]
const rate = (name: string): number | undefined => rows.find((row) => row.name.startsWith(name))?.perCpuSecond
const ratio = (above: number | undefined, below: number | undefined) =>
  above === undefined || below === undefined ? undefined : above / below
const ratios = [
  {
    name: 'GetCallerIdentity against the bare server',
    goal: 0.6,
    value: ratio(rows[0]?.perCpuSecond, rows[1]?.perCpuSecond),
  },
  {
    name: 'AssumeRole against the bare server',
    goal: 0.35,
    value: ratio(rows[2]?.perCpuSecond, rows[3]?.perCpuSecond),
  },
  { name: 'AssumeRole against moto', goal: 20, value: ratio(rate('AssumeRole, audit'), rate('AssumeRole, moto')) },
  { name: 'Durable writes against the store alone', goal: 0.5, value: ratio(writes.answered, writes.stored) },
]
if (values.json) {
  console.log(
    JSON.stringify({
      rows: rows.map(({ name, perCpuSecond, perSecond }) => ({ name, perCpuSecond, perSecond })),
      writes,
      ratios,
    }),
  )
} else {
  console.log(
    `\n${connections} connections, ${seconds} s each; answers per CPU second of the server (and per second)\n`,
  )
  for (const row of rows)
    console.log(`  ${row.name.padEnd(38)} ${row.perCpuSecond.toFixed(0).padStart(8)} (${row.perSecond.toFixed(0)})`)
  console.log(
    `\n  durable writes, 64 in flight: ${writes.answered.toFixed(0)} a second answered, ${writes.stored.toFixed(0)} by the store alone\n`,
  )
  for (const { name, goal, value } of ratios) {
    if (value !== undefined) console.log(`  ${name.padEnd(44)} ${value.toFixed(2).padStart(8)}x  (goal ${goal}x)`)
  }
}
if (values.only === undefined) {
  await benchScale({ seconds, json: values.json })
  await benchSize({ seconds, json: values.json })
  await benchEngines({ seconds, json: values.json })
}
