import { createConnection, createServer, type Server, type Socket } from 'node:net'

/** What a trap does to the connection on which the text comes by. */
export type Fault =
  /** Reset before the message goes on: the server never sees it. */
  | 'reset before'
  /** Swallowed, and silence from then on. */
  | 'silence before'
  /** The server gets it and answers; the answer is not handed on, and the connection is reset. */
  | 'reset after'
  /** The server gets it; nothing comes back, and nothing says so. */
  | 'silence after'
  /** Half of the answer's bytes, then a reset. */
  | 'truncate'
  /** Sent on and reset at once: the server may see it or not. */
  | 'race'

interface Link {
  readonly client: Socket
  readonly server: Socket
}

interface Trap {
  readonly text: string
  readonly fault: Fault
  readonly spring: () => void
}

/** Stands between a client and its server, and breaks the line in every way in which lines break. */
export class Line {
  readonly port: number
  readonly #server: Server
  readonly #links = new Set<Link>()
  #target: number
  #traps: Trap[] = []
  #latency = 0
  #up = true
  #down = true
  #refuse = false

  private constructor(server: Server, port: number, target: number) {
    this.#server = server
    this.port = port
    this.#target = target
    server.on('connection', (client) => this.#accept(client))
  }

  static async to(target: number): Promise<Line> {
    const server = createServer({ noDelay: true })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (typeof address !== 'object' || address === null) throw new Error('no port')
    return new Line(server, address.port, target)
  }

  /** Where new connections lead from now on. */
  lead(target: number): void {
    this.#target = target
  }

  /** Every chunk takes so much longer, in each direction. */
  latency(milliseconds: number): void {
    this.#latency = milliseconds
  }

  /** Nothing passes in the directions named, and nobody is told: what TCP looks like when a cable is pulled. */
  silence(...directions: readonly ('up' | 'down')[]): void {
    const both = directions.length === 0
    if (both || directions.includes('up')) this.#up = false
    if (both || directions.includes('down')) this.#down = false
  }

  /** Resets what is there, and every connection that is tried. */
  refuse(): void {
    this.#refuse = true
    this.cut()
  }

  /** Resets what is there; new connections are let through. */
  cut(): void {
    for (const link of this.#links) reset(link)
  }

  /** All is well again for new connections; those that were silenced stay dead, as they do behind a firewall that forgot them. */
  heal(): void {
    this.#up = true
    this.#down = true
    this.#refuse = false
    this.#latency = 0
    this.#traps = []
    this.cut()
  }

  /** The next connection on which the client sends this text suffers the fault; resolves when it does. */
  trap(text: string, fault: Fault): Promise<void> {
    return new Promise((spring) => this.#traps.push({ text, fault, spring }))
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #accept(client: Socket): void {
    client.on('error', () => undefined)
    if (this.#refuse) return void client.resetAndDestroy()
    // Silence is for connecting too: the handshake is the kernel's, but nobody ever answers.
    const server = createConnection({ port: this.#target, host: '127.0.0.1', noDelay: true })
    server.on('error', () => client.resetAndDestroy())
    const link = { client, server }
    this.#links.add(link)
    let mute = { up: false, down: false }
    let sprung: Fault | undefined
    let tail = ''
    const pass = (to: Socket, chunk: Buffer) => {
      const send = () => {
        if (!to.destroyed) to.write(chunk)
      }
      if (this.#latency > 0) setTimeout(send, this.#latency)
      else send()
    }
    client.on('data', (chunk: Buffer) => {
      if (!this.#up || mute.up) return
      // Texts are ASCII, and a message may come in two pieces. What came whole before counts no more.
      const seen = chunk.toString('latin1')
      const before = tail
      tail = (tail + seen).slice(-200)
      const at = this.#traps.findIndex(({ text }) => (before.slice(1 - text.length) + seen).includes(text))
      const trap = this.#traps[at]
      if (trap === undefined) return pass(server, chunk)
      this.#traps.splice(at, 1)
      sprung = trap.fault
      if (sprung === 'reset before') reset(link)
      else if (sprung === 'silence before') mute = { up: true, down: true }
      else if (sprung === 'race') server.write(chunk, () => reset(link))
      else {
        if (sprung === 'silence after') mute = { up: true, down: true }
        server.write(chunk)
      }
      trap.spring()
    })
    server.on('data', (chunk: Buffer) => {
      if (!this.#down || mute.down) return
      if (sprung === 'reset after') return reset(link)
      if (sprung === 'truncate') {
        client.write(chunk.subarray(0, Math.floor(chunk.length / 2)), () => reset(link))
        mute = { up: true, down: true }
        return
      }
      pass(client, chunk)
    })
    const gone = (other: Socket) => () => {
      if (other.destroyed) this.#links.delete(link)
      // A silenced line carries no farewell either.
      if (this.#up && this.#down && !mute.up && !mute.down) other.destroy()
    }
    client.on('close', gone(server))
    server.on('close', gone(client))
  }
}

function reset({ client, server }: Link): void {
  client.resetAndDestroy()
  server.resetAndDestroy()
}
