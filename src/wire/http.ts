/**
 * One request as it came, and as everybody sees it: router, signature, policy and audit read this one object, so none of
 * them can be shown something else than another.
 */
export interface HttpRequest {
  /** Upper case. */
  readonly method: string
  /** The path exactly as it was sent, before `?`, still percent-encoded. */
  readonly path: string
  /** The query string exactly as it was sent, after `?`; empty where there is none. */
  readonly query: string
  /** Name in lower case, value as sent (outer white space trimmed); in the order of arrival, duplicates kept. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Uint8Array
  /** The peer's address: of the socket, never of a header. */
  readonly sourceIp: string
  readonly secure: boolean
  /** What TLS was agreed upon: `TLSv1.3`, `TLS_AES_128_GCM_SHA256`. */
  readonly tls?: { readonly version: string; readonly cipher: string }
}

export interface HttpResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

/** The first value of a header, or `undefined`. */
export function header(request: HttpRequest, name: string): string | undefined {
  for (const pair of request.headers) if (pair[0] === name) return pair[1]
  return undefined
}

/** How many times a header is there. */
export function count(request: HttpRequest, name: string): number {
  let found = 0
  for (const pair of request.headers) if (pair[0] === name) found++
  return found
}
