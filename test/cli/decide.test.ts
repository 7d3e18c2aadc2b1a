import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type Ran, rolecall, root } from '../clients/process.ts'

const folder = mkdtempSync(join(tmpdir(), 'rolecall-decide-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const reader = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:Get*', Resource: 'arn:aws:s3:::reports/*' }],
}
const question = (id: string | number, action = 's3:GetObject', more: object = {}) =>
  JSON.stringify({
    id,
    request: {
      principal: 'arn:aws:iam::111111111111:user/alice',
      action,
      resource: 'arn:aws:s3:::reports/june',
      context: {},
      ...more,
    },
    policies: { identity: [{ name: 'reader', document: reader }] },
  })

function start(args: readonly string[] = []) {
  return spawn(process.execPath, [join(root, 'bin', 'rolecall.js'), 'decide', ...args], { cwd: folder })
}

/** Runs it with this on its standard input. */
function decide(input: string | Uint8Array, args: readonly string[] = []): Promise<Ran> {
  const child = start(args)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.stdin.end(input)
  return new Promise((resolve) => child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr })))
}

interface Line {
  readonly id?: string | number
  readonly effect?: string
  readonly message?: string
  readonly error?: { readonly message: string; readonly at?: string; readonly line: number }
}
const answers = ({ stdout }: Ran): readonly Line[] =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line)

describe('decide', () => {
  test('answers every line in its order, and ends with 0', async () => {
    const ran = await decide(`${question('a')}\n${question(2, 's3:PutObject')}\n`)
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' })
    expect(answers(ran).map(({ id, effect }) => [id, effect])).toEqual([
      ['a', 'allow'],
      [2, 'deny'],
    ])
    expect(answers(ran)[1]?.message).toBe(
      'User: arn:aws:iam::111111111111:user/alice is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::reports/june because no identity-based policy allows the s3:PutObject action',
    )
  })

  test('reads a file, whose last line needs no end', async () => {
    const file = join(folder, 'questions.jsonl')
    writeFileSync(file, `${question('a')}\r\n\r\n   \n${question('b')}`)
    const ran = await rolecall(['decide', file])
    expect(ran.code).toBe(0)
    expect(answers(ran).map(({ id }) => id)).toEqual(['a', 'b'])
  })

  test('nothing asked is nothing answered', async () => {
    expect(await decide('')).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await decide('\n\n')).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  test('a line that is no question is an error in its place, the rest go on, and it ends with 1', async () => {
    const lines = [
      question('a'),
      '{"id":',
      '',
      question('b', 's3'),
      Buffer.from([0x22, 0xff, 0x22]),
      '[]',
      question('c'),
    ]
    const input = Buffer.concat(lines.map((line) => Buffer.concat([Buffer.from(line), Buffer.from('\n')])))
    const ran = await decide(input)
    expect(ran.code).toBe(1)
    expect(ran.stderr).toBe('')
    expect(answers(ran).map(({ id, effect, error }) => [id, effect ?? error?.line])).toEqual([
      ['a', 'allow'],
      [undefined, 2],
      ['b', 4],
      [undefined, 5],
      [undefined, 6],
      ['c', 'allow'],
    ])
    const told = answers(ran).flatMap(({ error }) => (error === undefined ? [] : [error.message.split(':')[0]]))
    expect(told).toEqual([
      'this line is not JSON',
      'what is asked for is one action, as in s3',
      'this line is not UTF-8',
      'a question is an object',
    ])
  })

  test('a line over a megabyte is an error, wherever the pieces end that it comes in', async () => {
    const padded = (size: number) => {
      const empty = question('x', 's3:GetObject', { context: { k: '' } })
      return question('x', 's3:GetObject', { context: { k: 'a'.repeat(size - empty.length) } })
    }
    const ran = await decide([padded(1_000_000), padded(1_000_001), 'x'.repeat(5_000_000), question('b')].join('\n'))
    expect(answers(ran).map(({ id, effect, error }) => [id, effect ?? error?.message])).toEqual([
      ['x', 'allow'],
      [undefined, 'a question has at most 1000000 bytes'],
      [undefined, 'a question has at most 1000000 bytes'],
      ['b', 'allow'],
    ])
  })

  test('a line is answered when it has come, not when all have', async () => {
    const child = start()
    const answered = new Promise<string>((resolve) => child.stdout.setEncoding('utf8').once('data', resolve))
    child.stdin.write(`${question('first')}\n`)
    expect(await answered).toContain('"id":"first"')
    child.stdin.end()
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0)
  })

  test('whoever stops listening ends it quietly', async () => {
    const child = start()
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const ended = new Promise((resolve) => child.on('close', resolve))
    child.stdout.once('data', () => child.stdout.destroy())
    child.stdin.on('error', () => {})
    const many = `${question('x')}\n`.repeat(2_000)
    const feed = () => {
      while (child.exitCode === null && child.stdin.writable && child.stdin.write(many));
    }
    child.stdin.on('drain', feed)
    feed()
    expect(await ended).toBe(0)
    expect(stderr).toBe('')
  })

  test('takes no more questions than somebody reads answers of, and loses none', async () => {
    const child = start()
    const many = `${question('x')}\n`.repeat(100)
    const most = 2_000
    let sent = 0
    const feed = () => {
      while (sent < most) {
        sent++
        if (!child.stdin.write(many)) return
      }
      child.stdin.end()
    }
    child.stdin.on('drain', feed)
    feed()
    // Nobody reads: once every buffer between is full, it stands still.
    let still = 0
    let before = 0
    while (still < 10 && sent < most) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      still = sent > 1 && sent === before ? still + 1 : 0
      before = sent
    }
    expect(sent).toBeLessThan(most / 10)
    let read = 0
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      read += text.split('\n').length - 1
    })
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0)
    expect(read).toBe(most * 100)
  })

  test('a file that is not there is told in one line', async () => {
    const { code, stdout, stderr } = await rolecall(['decide', join(folder, 'none')])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^rolecall: cannot read .*: it is not there\n$/)
  })

  test('--help shows a question and how to ask it', async () => {
    const { code, stdout } = await rolecall(['decide', '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain('rolecall decide questions.jsonl')
    expect(stdout).toContain('"policies"')
  })
})
