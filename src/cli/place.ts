import { accessSync, constants, existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { type KeptKeys, readCredentials } from '../host/credentials.ts'
import { readHolder } from '../store/lock.ts'
import { Failure } from './failure.ts'
import { word } from './shell.ts'

/** Where an authority keeps its data, from the current folder. */
export const defaultData = '.rolecall'
export const defaultPort = 4599
/** The region that is handed to clients: the one that the global services sign for. */
export const region = 'us-east-1'

/** The text of `--data`. An empty one is a variable that was never set, and would name the current folder. */
export function dataArgument(text: string): string {
  if (text !== '') return text
  throw new InvalidArgumentError('A data directory has a name.')
}

/** How the command was called, so that what we suggest can be typed as it stands. */
export function self(): string {
  const script = process.argv[1] ?? ''
  if (!/(?:^|[\\/])(?:bin[\\/]rolecall|tools[\\/]start)\.js$/.test(script)) return 'rolecall'
  return `node ${word(relative(process.cwd(), resolve(script, '../../bin/rolecall.js')))}`
}

/** A command of ours that can be typed as it stands, and asks the authority that was asked. */
export const again = (verb: string): string => `${self()} ${verb}${placeTyped()}`

/** How the command line says where the authority is: what of it must be typed again. */
export function placeTyped(argv: readonly string[] = process.argv): string {
  const end = argv.indexOf('--')
  const typed = end < 0 ? argv : argv.slice(0, end)
  for (const [at, each] of typed.entries()) {
    const [, name, value] = /^(--data|--endpoint)(?:=(.*))?$/s.exec(each) ?? []
    const told = value ?? typed[at + 1]
    if (name !== undefined && told !== undefined) return ` ${name} ${word(told)}`
  }
  return ''
}

/** A path as it is best shown: from the current folder where it lies below it. */
export function shown(path: string): string {
  const from = relative(process.cwd(), path)
  return from === '' || from.startsWith('..') ? path : from
}

/** A running authority, found by its data directory. */
export interface Place {
  readonly directory: string
  readonly endpoint: string
  readonly accounts: readonly KeptKeys[]
}

/** A folder of another user's is not one that nothing runs on. Throws where it is there and may not be looked into. */
export function mustBeOurs(directory: string): void {
  try {
    accessSync(directory, constants.R_OK | constants.X_OK)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES')
      throw new Failure(`${shown(directory)} is not for this user to read: whoever runs rolecall on it may`)
  }
}

/** Finds the authority that runs on a data directory, with the keys that are kept there. */
export function findPlace(data: string): Place {
  const directory = resolve(data)
  mustBeOurs(directory)
  const holder = existsSync(directory) ? readHolder(directory) : undefined
  if (holder?.endpoint === undefined) {
    throw new Failure(`no rolecall is running on ${shown(directory)}. Start one with: ${again('up')}`)
  }
  return { directory, endpoint: holder.endpoint, accounts: readCredentials(directory) }
}

/** The keys of one account, or of the first. */
export function keysOf({ directory, accounts }: Place, account: string | undefined): KeptKeys {
  const found = account === undefined ? accounts[0] : accounts.find((kept) => kept.accountId === account)
  if (found !== undefined) return found
  if (account === undefined) throw new Failure(`${shown(directory)} holds no credentials`)
  throw new Failure(
    `${shown(directory)} holds no credentials of account ${account}; it has ${accounts.map((kept) => kept.accountId).join(', ')}`,
  )
}
