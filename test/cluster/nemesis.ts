import type { Dice } from '../fuzz/dice.ts'
import type { Node } from './node.ts'
import type { Pair } from './pair.ts'

/** Waits, and not longer than until the run is over. */
export type Pause = (milliseconds: number) => Promise<void>

export interface Mischief {
  readonly pair: Pair
  readonly nodes: readonly Node[]
  readonly chance: Dice
  readonly pause: Pause
  readonly over: () => boolean
  /** Told of everything that is done. */
  readonly tell: (what: string) => void
}

type Deed = (mischief: Mischief) => Promise<void>

/** What is done to the database, in turn: the order is shuffled by the seed, and everything comes before anything comes twice. */
const databaseDeeds: Readonly<Record<string, Deed>> = {
  'kill -9 the primary and promote the standby': ({ pair }) => pair.fail(),
  'promote the standby while the primary sleeps, and wake it': ({ pair, pause, chance }) =>
    pair.split(pause, 1500 + chance.upTo(2500)),
  'kill -9 the primary and start it again': ({ pair }) => pair.restart(),
  'take the standby away for a while': ({ pair, pause, chance }) => pair.alone(pause, 500 + chance.upTo(2000)),
}

const nodeDeeds: Readonly<Record<string, (mischief: Mischief, node: Node) => Promise<void>>> = {
  'cut off from the database': async ({ pause, chance }, node) => {
    node.isolate(...chance.pick([[], [], ['up'], ['down']] as const))
    await pause(300 + chance.upTo(4000))
    node.heal()
  },
  paused: async ({ pause, chance }, node) => {
    node.pause()
    await pause(300 + chance.upTo(4000))
    node.resume()
  },
  'killed and started again': async (_, node) => {
    await node.kill()
    await node.boot()
  },
  'on a slow line': async ({ pause, chance }, node) => {
    node.slow(20 + chance.upTo(150))
    await pause(500 + chance.upTo(2000))
    node.heal()
  },
  'cut off right at a COMMIT': async ({ pause, chance }, node) => {
    const fault = chance.pick(['reset before', 'reset after', 'silence after', 'truncate', 'race'] as const)
    for (const line of node.lines) void line.trap('COMMIT\u0000', fault)
    await pause(500 + chance.upTo(1000))
    node.heal()
  },
}

/** Does harm to the database, one thing after the other, until the run is over; everything is whole again when it returns. */
export async function harmDatabase(mischief: Mischief): Promise<void> {
  for (;;) {
    for (const [what, deed] of shuffled(Object.entries(databaseDeeds), mischief.chance)) {
      await mischief.pause(1000 + mischief.chance.upTo(3000))
      if (mischief.over()) return
      mischief.tell(what)
      await deed(mischief)
      mischief.tell('the database is whole')
    }
  }
}

export async function harmNodes(mischief: Mischief): Promise<void> {
  for (;;) {
    for (const [what, deed] of shuffled(Object.entries(nodeDeeds), mischief.chance)) {
      await mischief.pause(300 + mischief.chance.upTo(1500))
      if (mischief.over()) return
      const node = mischief.chance.pick(mischief.nodes)
      mischief.tell(`${node.name} is ${what}`)
      await deed(mischief, node)
    }
  }
}

function shuffled<T>(items: readonly T[], chance: Dice): readonly T[] {
  const left = [...items]
  const order: T[] = []
  while (left.length > 0) order.push(...left.splice(chance.upTo(left.length), 1))
  return order
}
