import { execFileSync } from 'node:child_process'
import type { Random } from '../base/env.ts'
import type { KeyOrigin } from '../base/sealed.ts'
import type { SealingKey } from '../token/vault.ts'
import { foundKeyFile, keyBytesMax, keysIn, ownKeyFile, readKeyFile } from './key-file.ts'

/** Where the key-encryption keys come from. What it throws names key ids and files, and never a byte of a key. */
export interface KeySource {
  readonly kind: KeyOrigin
  /** What people call it. */
  readonly name: string
  /** Every key, the current one in front. */
  readonly read: () => readonly SealingKey[]
  /** Where a store is new and there is no key yet: makes one, and answers what there is then. Only a data directory's own can. */
  readonly found?: (random: Random) => readonly SealingKey[]
}

export interface KeyOptions {
  readonly keyFile?: string
  readonly keyCommand?: string
}

/** How long a command may take. Nothing else happens meanwhile. */
const patienceMilliseconds = 10_000

/**
 * The source that was chosen: by option, else by environment (`ROLECALL_KEY`, `ROLECALL_KEY_FILE`), else the data directory's own
 * file. Throws where two are chosen at once: which of them is meant must not be guessed.
 */
export function keySource(
  { keyFile, keyCommand }: KeyOptions,
  environment: Readonly<Record<string, string | undefined>>,
  directory: string | undefined,
): KeySource {
  if (keyFile !== undefined && keyCommand !== undefined)
    throw new Error('--key-file and --key-command are two sources of one key: give one of them')
  if (keyFile !== undefined) return fileSource(keyFile)
  if (keyCommand !== undefined) return commandSource(keyCommand)
  // An empty variable is one that was never set.
  const { ROLECALL_KEY: text = '', ROLECALL_KEY_FILE: file = '' } = environment
  if (text !== '' && file !== '')
    throw new Error('ROLECALL_KEY and ROLECALL_KEY_FILE are two sources of one key: set one of them')
  if (text !== '') return environmentSource(text)
  if (file !== '') return fileSource(file)
  if (directory !== undefined) return directorySource(directory)
  throw new Error('there is no key: name one with --key-file, --key-command, ROLECALL_KEY or ROLECALL_KEY_FILE')
}

const fileSource = (path: string): KeySource => ({
  kind: 'file',
  name: `the key file ${path}`,
  read: () => readKeyFile(path),
})

const environmentSource = (text: string): KeySource => ({
  kind: 'environment',
  name: 'ROLECALL_KEY',
  // Several keys stand in one variable with commas or white space between.
  read: () => keysIn(text.replaceAll(/[,\s]+/g, '\n'), 'ROLECALL_KEY'),
})

function directorySource(directory: string): KeySource {
  const path = ownKeyFile(directory)
  return {
    kind: 'directory',
    name: `the key file ${path}`,
    read: () => readKeyFile(path),
    found: (random) => foundKeyFile(path, random),
  }
}

/**
 * A program that prints the keys, as a file would have them. It is run without a shell: words are divided by spaces, quotes keep
 * one together, and nothing in them means more. Its words of error go nowhere, because nobody knows what it says there.
 */
function commandSource(command: string): KeySource {
  const [program, ...args] = wordsOf(command)
  if (program === undefined) throw new Error('--key-command names no command')
  return {
    kind: 'command',
    name: 'the key command',
    read() {
      let text: string
      try {
        text = execFileSync(program, args, {
          encoding: 'utf8',
          timeout: patienceMilliseconds,
          maxBuffer: keyBytesMax,
          stdio: ['ignore', 'pipe', 'ignore'],
          windowsHide: true,
        })
      } catch (error) {
        // The error itself holds what was run and what it printed: it goes no further.
        throw new Error(`the key command gave no key: it ${endOf(error)}. Run it by hand to see why`)
      }
      return keysIn(text, 'what the key command printed')
    },
  }
}

function endOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'failed'
  if ('code' in error && error.code === 'ENOENT') return 'was not found'
  if ('code' in error && error.code === 'ETIMEDOUT') return `took longer than ${patienceMilliseconds / 1000} seconds`
  if ('status' in error && typeof error.status === 'number') return `ended with ${error.status}`
  return 'failed'
}

function wordsOf(command: string): readonly string[] {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (const char of command) {
    if (quote !== '') {
      if (char === quote) quote = ''
      else word = (word ?? '') + char
    } else if (char === '"' || char === "'") {
      quote = char
      word ??= ''
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + char
  }
  if (quote !== '') throw new Error('--key-command has a quote that is not closed')
  if (word !== undefined) words.push(word)
  return words
}
