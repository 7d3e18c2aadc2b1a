/** Kleene's three values. `unknown` is what lets one evaluator serve the gate, the simulator and the graph. */
export type Truth = 'yes' | 'no' | 'unknown'

export const both = (left: Truth, right: Truth): Truth =>
  left === 'no' || right === 'no' ? 'no' : left === 'unknown' || right === 'unknown' ? 'unknown' : 'yes'

export const either = (left: Truth, right: Truth): Truth =>
  left === 'yes' || right === 'yes' ? 'yes' : left === 'unknown' || right === 'unknown' ? 'unknown' : 'no'

export const not = (truth: Truth): Truth => (truth === 'unknown' ? 'unknown' : truth === 'yes' ? 'no' : 'yes')

export const truthOf = (holds: boolean): Truth => (holds ? 'yes' : 'no')
