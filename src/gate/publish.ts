import { configurationOf, issuerAt, keySetOf } from '../service/sts/issuer.ts'
import type { View } from '../state/view.ts'
import type { PublicDocument } from '../wire/detect.ts'
import type { HttpResponse } from '../wire/http.ts'
import { requestIdHeader, unknownPath } from '../wire/refusal.ts'
import type { Freshness } from './freshness.ts'
import type { Meter } from './meter.ts'

interface Place {
  readonly world: View
  readonly freshness: Freshness
  readonly meter: Meter
  readonly alarm: (requestId: string, error: unknown) => void
}

/** How long anybody may keep a document. A new key is published for longer than this before it signs. */
const keptSeconds = 300

/**
 * What an issuer of web identity tokens tells everybody. It asks for no operation, has no caller, and tells what is public, so it is
 * counted and leaves nothing in the trail: whoever can send a request could fill it otherwise.
 */
export async function publish(place: Place, document: PublicDocument, requestId: string): Promise<HttpResponse> {
  const { meter } = place
  const began = meter.now()
  const reply = await published(place, document, requestId)
  const outcome = reply.status === 200 ? 'answered' : reply.status === 404 ? 'refused' : 'failed'
  meter.request('sts', '', outcome, meter.now() - began)
  return reply
}

async function published(
  { world, freshness, alarm }: Place,
  { name, issuer }: PublicDocument,
  requestId: string,
): Promise<HttpResponse> {
  let away = false
  try {
    // A key that signed a moment ago on another node is published here.
    await freshness.look()
  } catch (error) {
    alarm(requestId, error)
    away = true
  }
  const settings = issuerAt(world, issuer)
  // What was published stays true while the store is away. Only what is not known here may be known elsewhere.
  if (settings?.outbound === undefined) return away ? unavailable(requestId) : unknownPath(requestId)
  const content = name === 'keys' ? keySetOf(world, settings.account) : configurationOf(settings.outbound.issuer)
  return {
    status: 200,
    headers: {
      'x-amzn-RequestId': requestIdHeader(requestId),
      'content-type': 'application/json',
      'cache-control': `public, max-age=${keptSeconds}`,
      // Pages of any origin may verify tokens: there is nothing here that is for some and not for others.
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
    },
    body: JSON.stringify(content),
  }
}

const unavailable = (requestId: string): HttpResponse => ({
  status: 503,
  headers: { 'x-amzn-RequestId': requestIdHeader(requestId), 'retry-after': '1' },
  body: '',
})
