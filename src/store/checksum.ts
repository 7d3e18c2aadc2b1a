import { crc32 } from 'node:zlib'

/**
 * What tells that a row is what was written: over its key too, so that one row cannot stand for another. It finds what broke by
 * itself (a bit, a page, a row that is gone); whoever can write to the database can write checksums.
 */
export const checksum = (kind: string, id: string, body: string): number => crc32(`${kind} ${id} ${body}`)
