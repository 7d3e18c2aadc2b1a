import { Option } from 'commander'
import type { KeptKeys } from '../host/credentials.ts'
import { textArgument } from './argument.ts'
import { callService, type Keys, Refused } from './client.ts'
import { Failure } from './failure.ts'
import { findPlace, keysOf } from './place.ts'

/** How a running authority is named: by its data directory on this machine, or by its address. */
export interface Target {
  readonly data: string
  readonly endpoint?: string
  /** Whose keys of the data directory are used, where not the first account's. */
  readonly account?: string
}

export const endpointOption = new Option(
  '--endpoint <url>',
  'the authority at this address, with the AWS credentials of the environment',
).argParser(textArgument)

/** A running authority, and the keys with which it is asked. */
export interface Reached {
  readonly endpoint: string
  readonly keys: Keys
  /** Where its data lies on this machine; `undefined` where only its address is known. */
  readonly directory: string | undefined
}

/** `whose`: whose keys must be in the environment where the address is given, for whoever has none there. */
export function authorityOf({ data, endpoint, account }: Target, whose: string): Reached {
  if (endpoint === undefined) {
    const place = findPlace(data)
    return {
      endpoint: place.endpoint,
      keys: keysOf(place, account),
      directory: place.directory,
    }
  }
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = process.env
  const { AWS_SESSION_TOKEN: sessionToken = '' } = process.env
  if (accessKeyId === '' || secretAccessKey === '')
    throw new Failure(`--endpoint needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, ${whose}`)
  const keys = { accessKeyId, secretAccessKey, ...(sessionToken === '' ? {} : { sessionToken }) }
  return { endpoint, keys, directory: undefined }
}

export const rootKeysOf = ({ rootAccessKeyId, rootSecretAccessKey }: KeptKeys): Keys => ({
  accessKeyId: rootAccessKeyId,
  secretAccessKey: rootSecretAccessKey,
})

/** The first of these keys that the authority takes; `undefined` where it takes none. */
export async function firstGood(endpoint: string, candidates: readonly Keys[]): Promise<Keys | undefined> {
  for (const keys of candidates) {
    try {
      await callService(endpoint, keys, 'sts', 'GetCallerIdentity', {})
      return keys
    } catch (error) {
      if (!(error instanceof Refused)) throw error
    }
  }
  return undefined
}
