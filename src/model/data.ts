import { readFileSync } from 'node:fs'

/** The one door to what is checked in under data/. Throws where a file is missing: then the package is broken. */
export const readData = (name: string): Uint8Array => readFileSync(new URL(`./data/${name}`, import.meta.url))
