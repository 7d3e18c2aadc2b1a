/** Kleene's three truths, ordered so that "and" is the least and "or" the greatest. */
export type Truth = 0 | 1 | 2
export const no: Truth = 0
export const maybe: Truth = 1
export const yes: Truth = 2

export const truth = (known: boolean): Truth => (known ? yes : no)
export const not = (one: Truth): Truth => (one === yes ? no : one === no ? yes : maybe)
export const all = (many: readonly Truth[]): Truth => (many.includes(no) ? no : many.includes(maybe) ? maybe : yes)
export const any = (many: readonly Truth[]): Truth => (many.includes(yes) ? yes : many.includes(maybe) ? maybe : no)
