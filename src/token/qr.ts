import { Buffer } from 'node:buffer'
import { crc32, deflateSync } from 'node:zlib'
import { encodeQR } from 'qr'

/** Pixels of one module, and modules of white around: ISO/IEC 18004 asks for four. */
const scale = 4
const border = 4

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

/** A text as a QR code, a PNG of one bit a pixel. The package knows the code; the picture is made here, because it is so little. */
export function qrPng(text: string): Uint8Array {
  const dark = encodeQR(text, 'raw', { ecc: 'medium', border, scale })
  const side = dark.length
  const rowBytes = 1 + Math.ceil(side / 8)
  const pixels = Buffer.alloc(rowBytes * side, 0xff)
  for (const [y, row] of dark.entries()) {
    // Each row begins with its filter: none.
    pixels[y * rowBytes] = 0
    for (const [x, isDark] of row.entries()) {
      const at = y * rowBytes + 1 + (x >> 3)
      if (isDark) pixels[at] = (pixels[at] ?? 0) & ~(0x80 >> (x & 7))
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  // One bit a pixel, shades of grey; deflate, the one filter method, not interlaced.
  header.set([1, 0, 0, 0, 0], 8)
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(pixels)), chunk('IEND', Buffer.alloc(0))]
  return new Uint8Array(Buffer.concat([signature, ...parts]))
}
