import jsqr from 'jsqr'
import { PNG } from 'pngjs'
import { describe, expect, test } from 'vitest'
import { qrPng } from '../../src/token/qr.ts'

/** Read as a phone reads it: a decoder of PNG, and one of QR codes, neither of which is ours or made by who encodes them. */
function read(png: Uint8Array) {
  const { width, height, data } = PNG.sync.read(Buffer.from(png))
  return { width, height, data, found: jsqr.default(new Uint8ClampedArray(data), width, height) }
}

const uri = (device: string) =>
  `otpauth://totp/${device}@111122223333?secret=ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRSTUVWXYZ234567&issuer=Amazon%20Web%20Services`

describe('a QR code', () => {
  test.each([
    ['of a device', uri('phone')],
    ['of a device with the shortest name', uri('a')],
    ['of one with the longest', uri('d'.repeat(226))],
    ['with letters beyond ASCII', 'größe 中 🙂'],
    ['with letters and numbers only', 'ABC123'],
    ['with a number', '1234567890'],
    ['with one letter', 'x'],
  ])('%s is read as what was written', (_what, text) => {
    expect(read(qrPng(text)).found?.data).toBe(text)
  })

  test('is square, in black and white, four pixels a module, in a frame of four modules', () => {
    const { width, height, data, found } = read(qrPng(uri('phone')))
    expect(width).toBe(height)
    expect(width).toBe((17 + 4 * (found?.version ?? 0) + 8) * 4)
    const shade = (x: number, y: number) => data[(y * width + x) * 4]
    const odd: string[] = []
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const frame = Math.min(x, y, width - 1 - x, height - 1 - y) < 16
        const plain = frame ? shade(x, y) === 255 : shade(x, y) === 0 || shade(x, y) === 255
        // And every pixel is as the first one of its module.
        if (!plain || shade(x, y) !== shade(x & ~3, y & ~3)) odd.push(`${x} ${y}`)
      }
    expect(odd).toEqual([])
    expect(shade(16, 16)).toBe(0)
  })

  test('is one bit a pixel', () => {
    const header = Buffer.from(qrPng('x')).subarray(8, 33)
    expect(header.toString('latin1', 4, 8)).toBe('IHDR')
    expect([...header.subarray(16, 21)]).toEqual([1, 0, 0, 0, 0])
  })
})
