import { readFileSync } from 'node:fs'
import { brotliDecompressSync } from 'node:zlib'

/** The one door to what is checked in under data/. Throws where a file is missing: then the package is broken. */
export const readData = (name: string): Uint8Array => readFileSync(new URL(`./data/${name}`, import.meta.url))

/** The same, of a file that is compressed with brotli. */
export const readCompressed = (name: string): Uint8Array => brotliDecompressSync(readData(name))
