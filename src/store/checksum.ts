import { crc32 } from 'node:zlib'

/**
 * What tells that a row is what was written: over its key too, so that one row cannot stand for another. It finds what broke by
 * itself (a bit, a page, a row that is gone); whoever can write to the database can write checksums.
 */
export const checksum = (whole: string): number => crc32(whole)

/** An entity's row in one: its kind, its id and its body. */
export const wholeOf = (kind: string, id: string, body: string): string => `${kind} ${id} ${body}`
