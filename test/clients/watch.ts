import type { IAMClient } from '@aws-sdk/client-iam'
import type { STSClient } from '@aws-sdk/client-sts'
import { loadService } from '../../src/model/service.ts'
import { type Seen, seenInAnswer, seenInError } from './shape.ts'

/** One answer that a client was given. */
export interface Heard extends Seen {
  readonly service: 'iam' | 'sts'
  readonly operation: string
  readonly status: number
  /** The members that were sent. */
  readonly input: object
}

/** Told of every answer, in the order in which they came. */
export const listeners = new Set<(heard: Heard) => void>()

/** The response, as far as this looks into it: a status, and a body that is read once. */
interface Response {
  readonly statusCode: number
  body: unknown
}
const isResponse = (value: unknown): value is Response =>
  typeof value === 'object' && value !== null && 'statusCode' in value && 'body' in value

async function textOf(response: Response): Promise<string> {
  // Node's handler hands out the stream as it comes from the socket.
  const chunks = response.body as AsyncIterable<Uint8Array>
  const bytes: Uint8Array[] = []
  for await (const chunk of chunks) bytes.push(chunk)
  const whole = Buffer.concat(bytes)
  response.body = whole
  return whole.toString()
}

/** Every body that this client is given is held against AWS's model before the SDK reads it. A call that is answered in another shape fails. */
export function watched<Client extends IAMClient | STSClient>(service: 'iam' | 'sts', client: Client): Client {
  const model = loadService(service)
  // Both clients take the same middleware; their types differ in the commands that they know.
  const stack = client.middlewareStack as IAMClient['middlewareStack']
  stack.add(
    (next, context) => async (args) => {
      const result = await next(args)
      const { response } = result
      if (!isResponse(response)) throw new Error('the client has read the response already')
      const operation = String(context.commandName).replace(/Command$/, '')
      const { statusCode: status } = response
      const body = await textOf(response)
      const seen = status === 200 ? seenInAnswer(model, operation, body) : seenInError(model, operation, status, body)
      if (seen.wrong.length > 0) throw new Error(`${operation} is not answered in its shape: ${seen.wrong.join('; ')}`)
      for (const listen of listeners) listen({ ...seen, service, operation, status, input: args.input })
      return result
    },
    { step: 'deserialize', priority: 'low', name: 'watched' },
  )
  return client
}
