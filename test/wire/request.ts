import type { HttpRequest } from '../../src/wire/http.ts'

/** Requests for tests: a form POST and a GET, with headers in the order given. */
export const formRequest = (body: string | Uint8Array, over: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'POST',
  path: '/',
  query: '',
  headers: [
    ['host', 'sts.amazonaws.com'],
    ['content-type', 'application/x-www-form-urlencoded; charset=utf-8'],
  ],
  body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
  sourceIp: '192.0.2.1',
  secure: true,
  ...over,
})

export const getRequest = (query: string, over: Partial<HttpRequest> = {}): HttpRequest =>
  formRequest('', { method: 'GET', query, headers: [['host', 'sts.amazonaws.com']], ...over })
