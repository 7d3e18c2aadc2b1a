import { createReadStream } from 'node:fs'
import type { Command } from 'commander'
import { type Answer, answerQuestion } from '../policy/question.ts'
import { exitFailed } from './failure.ts'

/** A longer line is no question that anybody asks: every quota of AWS at its maximum stays below it. */
const mostBytes = 1_000_000

export function addDecide(program: Command): void {
  program
    .command('decide')
    .summary('decide requests from a file, without a server')
    .description(
      'Reads one question a line, as JSON with the request and every policy that stands over it, and writes one decision a line with its reasons. Nothing runs and nothing is kept. Ends with 0 where every line was answered, and with 1 where one was no question; that line gets an "error" in its place.',
    )
    .argument('[file]', 'questions, one JSON object a line (default: the standard input)')
    .addHelpText(
      'after',
      `
A question:
  { "id": "1",
    "request": {
      "principal": "arn:aws:iam::111111111111:user/alice",
      "action": "s3:GetObject",
      "resource": "arn:aws:s3:::reports/june",
      "context": { "aws:SourceIp": "10.0.0.1" } },
    "policies": { "identity": [{
      "name": "reader",
      "document": { "Version": "2012-10-17", "Statement": {
        "Effect": "Allow",
        "Action": "s3:Get*",
        "Resource": "arn:aws:s3:::reports/*" } } }] } }

  "policies" may also hold resource, resourceRule (trust, key), boundary,
  session, scp, rcp and vpce; "request" may name the resourceAccount, keys
  whose value is unknown, principalId, roleArn and userArn.

Examples:
  rolecall decide questions.jsonl
  rolecall decide < questions.jsonl | jq -r '[.id, .effect, .message] | @tsv'
  jq -c . one.json | rolecall decide | jq -e '.effect == "allow"'   for a build`,
    )
    .action(decideLines)
}

async function decideLines(file: string | undefined): Promise<void> {
  const input = file === undefined || file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 262_144 })
  const output = new Output()
  const lines = new Lines()
  let failed = false
  let line = 0
  const answer = (bytes: Uint8Array | undefined): string => {
    line++
    const answered = bytes === undefined ? tooLong : answerLine(bytes)
    if (answered === undefined) return ''
    if (!('error' in answered)) return `${JSON.stringify(answered)}\n`
    failed = true
    return `${JSON.stringify({ ...answered, error: { ...answered.error, line } })}\n`
  }
  for await (const chunk of input) {
    let text = ''
    for (const bytes of lines.cut(chunk)) text += answer(bytes)
    if (!(await output.write(text))) break
  }
  if (output.open) {
    let text = ''
    for (const bytes of lines.rest()) text += answer(bytes)
    await output.write(text)
  }
  // Who has heard enough and hung up (`| head`) did not make a mistake.
  if (failed) process.exitCode = exitFailed
}

const tooLong: Answer = { error: { message: `a question has at most ${mostBytes} bytes` } }
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** `undefined` for a blank line. */
function answerLine(bytes: Uint8Array): Answer | undefined {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return { error: { message: 'this line is not UTF-8' } }
  }
  if (text.trim() === '') return undefined
  try {
    return answerQuestion(JSON.parse(text))
  } catch (error) {
    // Only of JSON.parse: a question that is one, or none, is answered.
    if (error instanceof SyntaxError) return { error: { message: `this line is not JSON: ${error.message}` } }
    throw error
  }
}

/** Bytes to lines, holding back no more than one line. One that is too long is `undefined`, once, and its bytes are not kept. */
class Lines {
  private held: Uint8Array[] = []
  private size = 0

  private hold(piece: Uint8Array): void {
    this.size += piece.length
    if (this.size > mostBytes) this.held = []
    else this.held.push(piece)
  }

  *cut(chunk: Uint8Array): Generator<Uint8Array | undefined> {
    let from = 0
    for (;;) {
      const end = chunk.indexOf(0x0a, from)
      if (end < 0) break
      const piece = chunk.subarray(from, end)
      from = end + 1
      if (this.size === 0) yield piece.length > mostBytes ? undefined : piece
      else {
        this.hold(piece)
        yield* this.rest()
      }
    }
    if (from < chunk.length) this.hold(chunk.subarray(from))
  }

  /** What was held, as the line that it is. */
  *rest(): Generator<Uint8Array | undefined> {
    if (this.size === 0) return
    const { held, size } = this
    this.held = []
    this.size = 0
    yield size > mostBytes ? undefined : Buffer.concat(held)
  }
}

/** The standard output, which is waited for where it is slow, and may be closed by whoever reads it. */
class Output {
  open = true

  constructor() {
    process.stdout.once('error', () => {
      this.open = false
    })
  }

  /** Whether anybody still reads. */
  async write(text: string): Promise<boolean> {
    if (!this.open) return false
    if (text === '' || process.stdout.write(text)) return true
    await new Promise<void>((resolve) => {
      const settle = () => {
        process.stdout.off('drain', settle).off('error', settle).off('close', settle)
        resolve()
      }
      process.stdout.on('drain', settle).on('error', settle).on('close', settle)
    })
    return this.open
  }
}
