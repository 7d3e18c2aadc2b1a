import { generateKeyPair } from 'node:crypto'
import type { KeyMaker, TokenAlgorithm } from '../base/key-pair.ts'

const text = {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
} as const

function generate(algorithm: TokenAlgorithm): Promise<string> {
  return new Promise((resolve, reject) => {
    const settle = (error: Error | null, _publicKey: string, privateKey: string) =>
      error === null ? resolve(privateKey) : reject(error)
    if (algorithm === 'RS256') generateKeyPair('rsa', { modulusLength: 2048, ...text }, settle)
    else generateKeyPair('ec', { namedCurve: 'P-384', ...text }, settle)
  })
}

/** Makes keys on the process's thread pool, one at a time: the other threads stay free for the rest. */
export function machineKeyMaker(): KeyMaker {
  let last: Promise<unknown> = Promise.resolve()
  return {
    make(algorithm) {
      const made = last.then(() => generate(algorithm))
      last = made.catch(() => undefined)
      return made
    },
  }
}
