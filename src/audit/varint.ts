/** Whole numbers of up to 53 bits, seven bits to a byte, the lowest first. */
export class VarintWriter {
  #bytes = Buffer.alloc(1024)
  #length = 0

  write(value: number): void {
    if (this.#length + 8 > this.#bytes.length) this.#grow()
    let left = value
    while (left >= 0x80) {
      // Numbers beyond 32 bits have no place in bit operations.
      this.#bytes[this.#length++] = (left % 0x80) | 0x80
      left = Math.floor(left / 0x80)
    }
    this.#bytes[this.#length++] = left
  }

  /** A number that may be negative. */
  writeSigned(value: number): void {
    this.write(value < 0 ? -2 * value - 1 : 2 * value)
  }

  get length(): number {
    return this.#length
  }

  /** What was written, as base64; the writer is empty then. */
  take(): string {
    const text = this.#bytes.toString('base64', 0, this.#length)
    this.#length = 0
    return text
  }

  #grow(): void {
    const larger = Buffer.alloc(this.#bytes.length * 2)
    this.#bytes.copy(larger)
    this.#bytes = larger
  }
}

export class VarintReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(base64: string) {
    this.#bytes = Buffer.from(base64, 'base64')
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** Zero behind the end. */
  read(): number {
    let value = 0
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.#bytes[this.#at++] ?? 0
      if (byte < 0x80) return value + byte * scale
      value += (byte - 0x80) * scale
    }
  }

  /** Goes on behind so many numbers. */
  pass(count: number): void {
    let at = this.#at
    for (let left = count; left > 0 && at < this.#bytes.length; at++) if ((this.#bytes[at] ?? 0) < 0x80) left--
    this.#at = at
  }

  readSigned(): number {
    const value = this.read()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
}
