import { type HttpRequest, header } from './http.ts'

/** A query string or form as every reader sees it: the signature is checked over the same pairs that operations are read from. */
export interface Form {
  /** Name to value, both decoded. QUIRK: first-duplicate-wins. Of a parameter that comes twice, the first counts. */
  readonly values: ReadonlyMap<string, string>
  /** There were more pairs than anyone sends; what came after them was not read. */
  readonly overflow: boolean
}

/** More than AWS's largest request has; fewer than could hold up the event loop. */
const maxPairs = 20_000

const lossy = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * Undoes percent-encoding; `+` is a space. What is no encoding stays as it is, and bytes that are no UTF-8 become U+FFFD, so every
 * text can be read.
 */
export function decodePercent(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => lossy.decode(Buffer.from(run.replaceAll('%', ''), 'hex')))
  }
}

/** The pairs of a query string in their order, undecoded. Empty pieces (`a&&b`) are none. */
export function* pairs(text: string): Generator<readonly [name: string, value: string]> {
  for (let from = 0; from < text.length; ) {
    const next = text.indexOf('&', from)
    const until = next < 0 ? text.length : next
    if (until > from) {
      const equals = text.indexOf('=', from)
      if (equals < 0 || equals >= until) yield [text.slice(from, until), '']
      else yield [text.slice(from, equals), text.slice(equals + 1, until)]
    }
    from = until + 1
  }
}

export function readForm(...texts: readonly string[]): Form {
  const values = new Map<string, string>()
  let count = 0
  for (const text of texts)
    for (const [name, value] of pairs(text)) {
      count += 1
      if (count > maxPairs) return { values, overflow: true }
      const key = decodePercent(name)
      if (!values.has(key)) values.set(key, decodePercent(value))
    }
  return { values, overflow: false }
}

/** Whether the body is said to be a form; parameters (`; charset=utf-8`) are allowed. */
export function isForm(request: HttpRequest): boolean {
  const type = header(request, 'content-type') ?? ''
  const semicolon = type.indexOf(';')
  return (semicolon < 0 ? type : type.slice(0, semicolon)).trim().toLowerCase() === 'application/x-www-form-urlencoded'
}

// Router, codec and audit ask for the same pairs in the same tick, so the last form is the one that is asked for.
let last: { readonly request: HttpRequest; readonly form: Form } | undefined

/** The parameters of a request: those of the query string, and for a form POST those of the body after them. */
export function formOf(request: HttpRequest): Form {
  if (last?.request !== request) {
    const posted = request.method === 'POST' && isForm(request)
    last = { request, form: posted ? readForm(request.query, lossy.decode(request.body)) : readForm(request.query) }
  }
  return last.form
}
