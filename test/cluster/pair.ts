import { Server } from '../postgres/server.ts'
import type { Pause } from './nemesis.ts'

/**
 * A primary and the standby that its commits wait for, on two ports that stay the same whoever of the two is where. What an
 * operator does by hand or a tool by itself when a primary is gone is done here at once.
 */
export class Pair {
  readonly ports: readonly [number, number]
  #primary: Server
  #standby: Server

  private constructor(primary: Server, standby: Server) {
    this.#primary = primary
    this.#standby = standby
    this.ports = [primary.port, standby.port]
  }

  static async start(): Promise<Pair> {
    const primary = await Server.start()
    const standby = await Server.follow(primary)
    await primary.synchronous()
    return new Pair(primary, standby)
  }

  get primary(): Server {
    return this.#primary
  }

  /** The power of the primary goes, and the standby takes its place. */
  async fail(): Promise<void> {
    await this.#primary.kill()
    await this.#standby.promote()
    await this.#replace()
  }

  /** The primary is replaced while it sleeps, and wakes up without knowing: for a while there are two. */
  async split(pause: Pause, milliseconds: number): Promise<void> {
    this.#primary.pause()
    await pause(milliseconds / 2)
    await this.#standby.promote()
    this.#primary.resume()
    await pause(milliseconds)
    await this.#replace()
  }

  /** The primary falls and gets up again by itself. */
  async restart(): Promise<void> {
    await this.#primary.kill()
    await this.#primary.boot()
    await this.#primary.synchronous()
  }

  /** The standby is gone for a while: nothing is acknowledged meanwhile. */
  async alone(pause: Pause, milliseconds: number): Promise<void> {
    await this.#standby.kill()
    await pause(milliseconds)
    await this.#standby.boot()
    await this.#primary.synchronous()
  }

  async remove(): Promise<void> {
    await this.#standby.remove()
    await this.#primary.remove()
  }

  /** What was the standby is the primary now, and gets a standby where the old primary was. */
  async #replace(): Promise<void> {
    const old = this.#primary
    await old.remove()
    this.#primary = this.#standby
    this.#standby = await Server.follow(this.#primary, 'standby', old.port)
    await this.#primary.synchronous()
  }
}
