import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Answer, Question } from '../../src/policy/question.ts'

/** The checkout, from its source as well as from what was compiled of it. */
function checkout(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : checkout(dirname(folder))
}
export const root = checkout(import.meta.dirname)

/** Whether dist/ was compiled after the last change of src/: an older command would answer for an engine that is gone. */
function isBuilt(): boolean {
  const mark = join(root, 'dist', '.fingerprint')
  if (!existsSync(mark) || !existsSync(join(root, 'dist', 'cli', 'decide.js'))) return false
  const builtAt = statSync(mark).mtimeMs
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).every(
    (file) => statSync(join(root, 'src', file)).mtimeMs <= builtAt,
  )
}

/** All questions through one `rolecall decide`, by id; `undefined` where the command is not built, or not of today's source. */
export function filter(questions: readonly Question[]): ReadonlyMap<string, Answer> | undefined {
  if (!isBuilt()) return undefined
  const lines = questions.map((question) => `${JSON.stringify(question)}\n`).join('')
  const ran = spawnSync(process.execPath, [join(root, 'bin', 'rolecall.js'), 'decide'], {
    input: lines,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1' },
    maxBuffer: 1 << 28,
  })
  if (ran.stderr !== '') throw new Error(ran.stderr)
  const answers = ran.stdout
    .split('\n')
    .filter((line) => line !== '')
    // Each line is one answer, as the command promises; what it holds is compared with the engine's.
    .map((line) => JSON.parse(line) as Answer)
  return new Map(answers.map((answer) => [String(answer.id), answer]))
}
