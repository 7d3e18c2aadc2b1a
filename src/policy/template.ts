import { compileTokens, type Glob, type GlobToken } from '../base/glob.ts'
import type { Lookup } from './request.ts'
import { type Part, resolve } from './variable.ts'

/** A pattern with variables, as a glob of what they come to. */
export class Template {
  readonly parts: readonly Part[]
  /** The same caller asks with the same values, so the glob of the last ones is kept, under everything that it was made of. */
  private last: { readonly key: string; readonly glob: Glob } | undefined

  constructor(parts: readonly Part[]) {
    this.parts = parts
  }

  /** `undefined` where a variable comes to nothing. `untold`: the keys that nobody told, in whose place stands `*`. */
  made(lookup: Lookup): { readonly glob: Glob; readonly untold: readonly string[] } | undefined {
    const resolved = resolve(this.parts, lookup)
    if (resolved === undefined) return undefined
    const key = keyOf(resolved.tokens)
    if (this.last?.key !== key) this.last = { key, glob: compileTokens(resolved.tokens) }
    return { glob: this.last.glob, untold: resolved.untold }
  }
}

function keyOf(tokens: readonly GlobToken[]): string {
  let key = ''
  for (const token of tokens) key += typeof token === 'string' ? token : `${token.text.length}:${token.text}`
  return key
}
