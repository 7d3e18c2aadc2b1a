import { inflateSync } from 'node:zlib'
import { create } from 'qrcode'
import { expect, test } from 'vitest'
import { qrPng } from '../../src/token/qr.ts'

/** Takes a PNG apart without the code that made it: chunks by their lengths, rows by the width. */
function pixelsOf(png: Uint8Array): { readonly side: number; readonly black: (x: number, y: number) => boolean } {
  const bytes = Buffer.from(png)
  expect(bytes.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n')
  const chunks = new Map<string, Buffer>()
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    chunks.set(bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, at + 8 + length))
    at += 12 + length
  }
  expect([...chunks.keys()]).toEqual(['IHDR', 'IDAT', 'IEND'])
  const side = chunks.get('IHDR')?.readUInt32BE(0) ?? 0
  const rows = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0))
  const stride = 1 + Math.ceil(side / 8)
  expect(rows).toHaveLength(stride * side)
  return { side, black: (x, y) => (((rows[y * stride + 1 + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1) === 0 }
}

test('a QR code is a picture of its modules, in a white frame', () => {
  const text = 'otpauth://totp/ann@111122223333?secret=ABCDEFGHIJKLMNOP&issuer=Amazon%20Web%20Services'
  const { side, black } = pixelsOf(qrPng(text))
  const { modules } = create(text, { errorCorrectionLevel: 'M' })
  expect(side).toBe((modules.size + 8) * 4)
  for (let row = -4; row < modules.size + 4; row++)
    for (let column = -4; column < modules.size + 4; column++) {
      const inside = row >= 0 && column >= 0 && row < modules.size && column < modules.size
      const wanted = inside && modules.get(row, column) === 1
      for (const [dx, dy] of [
        [0, 0],
        [3, 3],
      ] as const)
        expect(black((column + 4) * 4 + dx, (row + 4) * 4 + dy)).toBe(wanted)
    }
})
