import type { Hasher, PasswordHash } from '../base/password.ts'

/** Argon2id with 19 MiB, two passes and one lane: OWASP's "Password Storage Cheat Sheet". Some 30 ms on one core. */
const cost = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** Hashed at once, at most: the rest of the process's threads stay free for others, and memory stays bounded. */
const atOnce = 2

/** The native hasher, on the process's thread pool. It is loaded with the first password, never at a start. */
export function machineHasher(): Hasher {
  let running = 0
  const waiting: (() => void)[] = []
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      // The place goes on to the next one, or is free.
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
  return {
    hash: (password) =>
      inTurn(async () => {
        const { hash } = await import('@node-rs/argon2')
        // The one place where the brand is given: this is what it stands for.
        return (await hash(password, cost)) as PasswordHash
      }),
    is: (hashed, password) =>
      inTurn(async () => {
        const { verify } = await import('@node-rs/argon2')
        return verify(hashed, password)
      }),
  }
}
