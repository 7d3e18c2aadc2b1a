import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { call, signed } from '../clients/call.ts'
import { discard, envOf, type Running, rolecall, startRolecall } from '../clients/process.ts'

const started: Running[] = []
const folders: string[] = []
const start = async (options: Parameters<typeof startRolecall>[0] = {}) => {
  const running = await startRolecall(options)
  started.push(running)
  return running
}
const folder = () => {
  const made = mkdtempSync(join(tmpdir(), 'rolecall-up-'))
  folders.push(made)
  return made
}
afterAll(async () => {
  await Promise.all(started.map(discard))
  for (const made of folders) rmSync(made, { recursive: true, force: true })
})

const modes = (directory: string) =>
  Object.fromEntries(
    readdirSync(directory).map((file) => [file, (statSync(join(directory, file)).mode & 0o777).toString(8)]),
  )
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

/** Resolves once nobody listens there. */
async function refused(endpoint: string): Promise<void> {
  for (;;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(Number(new URL(endpoint).port), '127.0.0.1')
      socket.on('connect', () => {
        socket.destroy()
        resolve(true)
      })
      socket.on('error', () => resolve(false))
    })
    if (!open) return
  }
}

/** Everything that a socket brings until it is closed. */
const untilClosed = (socket: Socket): Promise<string> => {
  let text = ''
  socket.on('data', (chunk) => {
    text += String(chunk)
  })
  return new Promise((resolve, reject) => {
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })
}

describe('starting', () => {
  test('the ready line comes last, exactly so, and what stands before it says that policies are enforced', async () => {
    const running = await start()
    const lines = running.output().split('\n')
    expect(lines.at(-1)).toBe('')
    expect(lines.at(-2)).toMatch(/^rolecall is ready: http:\/\/127\.0\.0\.1:[1-9]\d{0,4}$/)
    expect(running.output()).toMatch(/^ {2}enforcement {2}on: /m)
    expect(running.output()).toContain(`--data ${running.data}`)
    expect((await fetch(running.endpoint, { redirect: 'manual' })).status).toBeLessThan(500)
  })

  test('the data directory is its owner’s alone, and so is every file in it, before and under traffic', async () => {
    const data = folder()
    chmodSync(data, 0o755)
    const running = await start({ data })
    const env = await envOf(running)
    for (const name of ['ada', 'grace', 'edsger'])
      await call(running.endpoint, env, 'iam', 'CreateUser', { UserName: name })
    await rolecall(['account', 'create', '--data', data])
    expect(modeOf(data)).toBe('700')
    const files = modes(data)
    expect(Object.keys(files)).toEqual(
      expect.arrayContaining(['credentials.json', 'lock.json', 'rolecall.db', 'rolecall.db-shm', 'rolecall.db-wal']),
    )
    expect(new Set(Object.values(files))).toEqual(new Set(['600']))
    await running.stop()
    expect(new Set(Object.values(modes(data)))).toEqual(new Set(['600']))
  })

  test('a directory of several levels is made', async () => {
    const data = join(folder(), 'deep', 'down')
    const running = await start({ data })
    expect(modeOf(data)).toBe('700')
    await running.stop()
  })

  test('a folder that others use too keeps its mode, and what is written there is its owner’s alone', async () => {
    const data = folder()
    chmodSync(data, 0o755)
    writeFileSync(join(data, 'thesis.tex'), '', { mode: 0o644 })
    for (const _time of ['first', 'second']) {
      const running = await start({ data })
      await running.stop()
      expect(modeOf(data)).toBe('755')
    }
    const { 'thesis.tex': thesis, ...files } = modes(data)
    expect(thesis).toBe('644')
    expect(Object.keys(files)).toEqual(expect.arrayContaining(['credentials.json', 'rolecall.db']))
    expect(new Set(Object.values(files))).toEqual(new Set(['600']))
  })

  test('a second one on the same data is told who has it', async () => {
    const running = await start()
    const { code, stdout, stderr } = await rolecall(['up', '--port', '0', '--data', running.data])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(
      `rolecall: ${running.data} is in use by process ${running.child.pid}, which serves ${running.endpoint}. Stop it first, or choose another --data.\n`,
    )
    expect((await envOf(running)).endpoint).toBe(running.endpoint)
  })

  test('a port that is taken is named', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const port = String((server.address() as AddressInfo).port)
    const data = folder()
    const { code, stderr, stdout } = await rolecall(['up', '--port', port, '--data', data])
    server.close()
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(`rolecall: port ${port} is in use. Choose another with --port, or --port 0 for any.\n`)
  })

  test.each([
    ['a port beyond the last', ['--port', '65536'], /A port is a number from 0/],
    ['a port below the first', ['--port', '-1'], /port/],
    ['a port that is a word', ['--port', 'http'], /A port is a number from 0/],
    ['a port with a tail', ['--port', '80x'], /A port is a number from 0/],
    ['no port', ['--port', ''], /A port is a number from 0/],
    ['an account id that lost its zero', ['--account-id', '12345678901'], /leading zeros\? 012345678901 has twelve/],
    ['an account id that is no number', ['--account-id', 'acme'], /An account id has twelve digits\./],
    ['an account id in another script’s digits', ['--account-id', '١٢٣٤٥٦٧٨٩٠١٢'], /An account id has twelve digits\./],
    ['no directory', ['--data', ''], /directory/],
    ['a word too many', ['now'], /too many arguments/],
  ])('%s is a mistake of typing: 2, and nothing is made', async (_what, args, told) => {
    const here = folder()
    const data = join(here, 'data')
    const { code, stdout, stderr } = await rolecall(['up', '--data', data, '--port', '0', ...args], {}, here)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(told)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(readdirSync(here)).toEqual([])
  })

  test.each([
    ['a file where the directory should be', (data: string) => writeFileSync(data, ''), /EEXIST|ENOTDIR/],
    [
      'a database that is none',
      (data: string) => {
        mkdirSync(data)
        writeFileSync(join(data, 'rolecall.db'), 'this is no database, however long it may be: '.repeat(100))
      },
      /not a database/,
    ],
  ])('%s is told in one line', async (_what, make, told) => {
    const data = join(folder(), 'data')
    make(data)
    const { code, stdout, stderr } = await rolecall(['up', '--port', '0', '--data', data])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(told)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })
})

describe('the first account', () => {
  test('its id is text: leading zeros stay, wherever it is told', async () => {
    const running = await start({ args: ['--account-id', '012345678901'] })
    const env = await envOf(running)
    expect(env.accountId).toBe('012345678901')
    expect(running.output()).toMatch(/^ {2}account {6}012345678901$/m)
    const { result, text } = await call(running.endpoint, env, 'sts', 'GetCallerIdentity')
    expect(result).toMatchObject({ Account: '012345678901', Arn: 'arn:aws:iam::012345678901:user/administrator' })
    expect(text).toContain('"Account":"012345678901"')
    const listed = await rolecall(['account', 'ls', '--json', '--data', running.data])
    expect(JSON.parse(listed.stdout)).toEqual([{ accountId: '012345678901', name: 'main' }])
    const key = await call(running.endpoint, env, 'sts', 'GetAccessKeyInfo', { AccessKeyId: env.accessKeyId })
    expect(key.result).toEqual({ Account: '012345678901' })
    await running.stop()

    const again = await start({ data: running.data, args: ['--account-id', '012345678901'] })
    expect((await envOf(again)).accountId).toBe('012345678901')
    await again.stop()

    const { code, stderr } = await rolecall([
      'up',
      '--port',
      '0',
      '--data',
      running.data,
      '--account-id',
      '210987654321',
    ])
    expect(code).toBe(1)
    expect(stderr).toBe(
      `rolecall: ${running.data} has account 012345678901 already. Leave --account-id out, or choose another --data.\n`,
    )
  })
})

describe('stopping and starting again', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('%s ends it with 0, and the next one has everything', async (signal) => {
    const running = await start()
    const before = await envOf(running)
    await call(running.endpoint, before, 'iam', 'CreateUser', { UserName: 'ada' })
    const made = await call(running.endpoint, before, 'iam', 'CreateAccessKey', { UserName: 'ada' })
    const ada = {
      accessKeyId: String(made.result.AccessKey?.AccessKeyId),
      secretAccessKey: String(made.result.AccessKey?.SecretAccessKey),
    }
    expect(await running.stop(signal)).toBe(0)
    expect(running.output()).toMatch(/\nrolecall has stopped\n$/)
    const gone = await rolecall(['env', '--data', running.data])
    expect(gone.code).toBe(1)

    const again = await start({ data: running.data })
    expect({ ...(await envOf(again)), endpoint: '' }).toEqual({ ...before, endpoint: '' })
    const { result } = await call(again.endpoint, ada, 'sts', 'GetCallerIdentity')
    expect(result.Arn).toBe(`arn:aws:iam::${before.accountId}:user/ada`)
    expect(await again.stop(signal)).toBe(0)
  })

  test('an output that nobody reads ends nothing, and spoils no exit code', async () => {
    const running = await start()
    running.child.stdout?.destroy()
    running.child.stderr?.destroy()
    expect((await envOf(running)).endpoint).toBe(running.endpoint)
    expect(await running.stop()).toBe(0)
  })

  test('a killed one leaves nothing in the way of the next', async () => {
    const running = await start()
    const before = await envOf(running)
    await call(running.endpoint, before, 'iam', 'CreateUser', { UserName: 'ada' })
    await running.stop('SIGKILL')
    const gone = await rolecall(['env', '--data', running.data])
    expect(gone).toMatchObject({ code: 1, stdout: '' })
    expect(gone.stderr).toContain('no rolecall is running')

    const again = await start({ data: running.data })
    const { result } = await call(again.endpoint, before, 'iam', 'GetUser', { UserName: 'ada' })
    expect(result.User?.UserName).toBe('ada')
    expect(modeOf(again.data)).toBe('700')
    await again.stop()
  })

  test('a request that is under way when it is asked to stop is answered, and connections that idle hold nothing up', async () => {
    const running = await start()
    const env = await envOf(running)
    const port = Number(new URL(running.endpoint).port)
    const agent = new Agent({ keepAlive: true })
    const { headers, body } = signed(running.endpoint, env, 'iam', 'CreateUser', { UserName: 'late' })
    const socket = connect(port, '127.0.0.1')
    const answered = untilClosed(socket)
    const head = Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')
    socket.write(`POST / HTTP/1.1\r\n${head}\r\n`)
    socket.write(body.subarray(0, 10))
    let idles: Promise<unknown> = Promise.resolve()
    agent.once('free', (idle: Socket) => {
      idles = once(idle, 'close')
    })
    // Whoever has answered this has seen the half of the other before it.
    await call(running.endpoint, env, 'sts', 'GetCallerIdentity', {}, agent)
    const stopped = running.stop('SIGTERM')
    await refused(running.endpoint)
    // The one that idles is closed while the other is still waited for: had it held anything up, that would have been cut off with it.
    await idles
    socket.write(body.subarray(10))
    const answer = await answered
    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
    expect(answer).toMatch(/^connection: close\r$/im)
    expect(await stopped).toBe(0)
    agent.destroy()

    const again = await start({ data: running.data })
    expect((await call(again.endpoint, env, 'iam', 'GetUser', { UserName: 'late' })).status).toBe(200)
    await again.stop()
  })

  test('under load it stops within seconds, and what it had acknowledged is there', async () => {
    const running = await start()
    const env = await envOf(running)
    const agent = new Agent({ keepAlive: true })
    const made: string[] = []
    const client = async (number: number) => {
      for (let turn = 0; ; turn++) {
        const name = `user-${number}-${turn}`
        const reply = await call(running.endpoint, env, 'iam', 'CreateUser', { UserName: name }, agent).catch(
          () => undefined,
        )
        if (reply === undefined) return
        expect(reply.status).toBe(200)
        made.push(name)
        if (made.length !== 40) continue
        began = performance.now()
        running.child.kill('SIGTERM')
      }
    }
    let began = 0
    await Promise.all(Array.from({ length: 16 }, (_, number) => client(number)))
    expect(await running.stop('SIGCONT')).toBe(0)
    expect(performance.now() - began).toBeLessThan(10_000)
    agent.destroy()

    const again = await start({ data: running.data })
    const { text } = await call(again.endpoint, env, 'iam', 'ListUsers', { MaxItems: '1000' })
    const there = new Set([...text.matchAll(/"UserName":"([^"]+)"/g)].map(([, name]) => name))
    expect(made.filter((name) => !there.has(name))).toEqual([])
    await again.stop()
  })
})
