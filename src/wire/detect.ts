import { canonicalPath } from './canonical.ts'
import { formOf } from './form.ts'
import { type HttpRequest, header } from './http.ts'
import { json } from './json.ts'
import type { Protocol } from './protocol.ts'
import { query } from './query.ts'
import { queryJson, wantsJson } from './query-json.ts'

export type Detected =
  | { readonly kind: 'served'; readonly protocol: Protocol }
  /** A protocol that AWS has and we do not speak yet. */
  | { readonly kind: 'unserved'; readonly name: 'ec2' | 'json-1.0' }
  /** What an issuer of web identity tokens publishes, by the UUID in its URL. */
  | PublicDocument
  /** A request to `/` that names nothing: AWS redirects it. */
  | { readonly kind: 'home' }
  /** A path or method that no service here has. */
  | { readonly kind: 'unknown' }

export interface PublicDocument {
  readonly kind: 'document'
  readonly name: 'configuration' | 'keys'
  readonly issuer: string
}

/** OpenID Connect Discovery 1.0, 4: the path stands behind the issuer's own. */
const documentPath =
  /^\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/\.well-known\/(openid-configuration|jwks\.json)$/

function documentAt({ method, path }: HttpRequest): PublicDocument | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined
  const [, issuer, file] = documentPath.exec(path) ?? []
  if (issuer === undefined) return undefined
  return { kind: 'document', name: file === 'jwks.json' ? 'keys' : 'configuration', issuer }
}

/** EC2's only API version. Its parameters look like the query protocol's, and mean something else. */
const ec2Version = '2016-11-15'

/** Which protocol a request is written in. Looks only at its form, never at who sends it; never throws. */
export function detect(request: HttpRequest): Detected {
  const type = header(request, 'content-type') ?? ''
  if (json.claims(request)) return { kind: 'served', protocol: json }
  if (header(request, 'x-amz-target') !== undefined && /^application\/x-amz-json-1\.0\b/i.test(type))
    return { kind: 'unserved', name: 'json-1.0' }
  if (query.claims(request)) {
    if (formOf(request).values.get('Version') === ec2Version) return { kind: 'unserved', name: 'ec2' }
    return { kind: 'served', protocol: wantsJson(request) ? queryJson : query }
  }
  const document = documentAt(request)
  if (document !== undefined) return document
  const home = (request.method === 'GET' || request.method === 'POST') && canonicalPath(request.path) === '/'
  return { kind: home ? 'home' : 'unknown' }
}
