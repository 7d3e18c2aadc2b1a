import { MemoryAudit } from '../../src/audit/memory.ts'
import { type Authority, openAuthority } from '../../src/host/authority.ts'
import type { KeptKeys } from '../../src/host/credentials.ts'
import { machineRandom } from '../../src/host/machine.ts'
import { loadService, type ModelledService } from '../../src/model/service.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import type { HttpRequest } from '../../src/wire/http.ts'
import { json } from '../../src/wire/json.ts'
import { query } from '../../src/wire/query.ts'
import { sign } from '../../src/wire/sigv4.ts'
import { keysFrom } from '../token/keys.ts'

export interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

/** What a call came to: the code of the refusal, or the members of the result by name. */
export interface Answered {
  readonly code: string | undefined
  readonly message: string
  readonly text: string
  readonly field: (name: string) => string
}

/** A whole authority in this process: no disk, no port, and a clock that the test holds. The bytes are those of a real client. */
export interface Inside {
  readonly authority: Authority
  readonly keys: KeptKeys
  readonly clock: { now: number }
  readonly store: MemoryStore
  readonly log: MemoryAudit
  readonly alarms: readonly unknown[]
  /** Lets go off whatever waits for its time. */
  readonly ring: () => void
  readonly call: (
    keys: Keys | undefined,
    service: ModelledService,
    action: string,
    parameters?: Readonly<Record<string, string>>,
  ) => Promise<Answered>
  readonly send: (request: HttpRequest) => ReturnType<Authority['answer']>
  readonly request: (
    keys: Keys | undefined,
    service: ModelledService,
    action: string,
    parameters?: Readonly<Record<string, string>>,
  ) => HttpRequest
}

/** A call in the query protocol, not signed. */
function asForm(service: ModelledService, action: string, parameters: Readonly<Record<string, string>>): HttpRequest {
  const form = new URLSearchParams({ Action: action, Version: loadService(service).apiVersion, ...parameters })
  return {
    method: 'POST',
    path: '/',
    query: '',
    headers: [
      ['host', 'rolecall.test'],
      ['content-type', 'application/x-www-form-urlencoded'],
    ],
    body: new TextEncoder().encode(form.toString()),
    sourceIp: '127.0.0.1',
    secure: false,
  }
}

/** The same call in the JSON protocol: parameters go by the names that they have in the other, and are read and written by the model. */
function asJson(service: ModelledService, action: string, asked: HttpRequest): HttpRequest {
  const model = loadService(service)
  const operation = model.operation(action)
  if (operation === undefined) throw new Error(`${service} has no ${action}`)
  const { body } = json.encode(
    model,
    { ...operation, output: operation.input },
    query.decode(model, operation, asked),
    'test',
  )
  return {
    ...asked,
    headers: [
      ['host', 'rolecall.test'],
      ['content-type', 'application/x-amz-json-1.1'],
      ['x-amz-target', `${model.targetPrefix}.${action}`],
    ],
    body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
  }
}

/** The JSON protocol's names of the common refusals, and those of the query protocol. */
const common: Readonly<Record<string, string>> = {
  AccessDeniedException: 'AccessDenied',
  InvalidSignatureException: 'SignatureDoesNotMatch',
  MissingAuthenticationTokenException: 'MissingAuthenticationToken',
  UnrecognizedClientException: 'InvalidClientTokenId',
  ValidationException: 'ValidationError',
}

/** The first member of that name, however deep, that is no structure. */
function fieldIn(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, inner] of Object.entries(value)) {
    const found = key === name && typeof inner !== 'object' ? String(inner) : fieldIn(inner, name)
    if (found !== undefined) return found
  }
  return undefined
}

function answeredInJson(text: string): Answered {
  const answer: unknown = JSON.parse(text)
  const field = (name: string): string => fieldIn(answer, name) ?? ''
  const type = field('__type')
  return {
    code: type === '' ? undefined : (common[type] ?? type),
    message: field('message') || field('Message'),
    text,
    field,
  }
}

/** `sealing`: where the key that secrets are sealed under comes from. `known`: the first account's keys, where it is there already. */
export async function openInside(
  accountId = '111122223333',
  store = new MemoryStore(),
  sealing = keysFrom(),
  known?: KeptKeys,
): Promise<Inside> {
  const clock = { now: Date.UTC(2026, 10, 23, 12) }
  const alarms: unknown[] = []
  const log = new MemoryAudit()
  const timers = new Set<() => void>()
  const founded: KeptKeys[] = []
  const surroundings = {
    clock: { now: () => clock.now },
    random: machineRandom(),
    keys: sealing,
    // Records of reads are written when the authority closes, or when a test lets the timers run.
    schedule: (_milliseconds: number, run: () => void) => {
      timers.add(run)
      return () => timers.delete(run)
    },
    alarm: (what: string, error?: unknown) => alarms.push([what, error]),
  }
  const authority = await openAuthority(
    {
      store,
      openLog: async () => log,
      founding: { propose: (keys) => void founded.push(keys), settle: () => undefined },
    },
    surroundings,
    accountId,
  )
  const keys = known ?? founded[0]
  if (keys === undefined) throw new Error('the store was not empty')

  const request: Inside['request'] = (keys, service, action, parameters = {}) => {
    const asked = asForm(service, action, parameters)
    const plain = loadService(service).protocol === 'json' ? asJson(service, action, asked) : asked
    if (keys === undefined) return plain
    const scope = { region: 'us-east-1', service: loadService(service).signingName, now: clock.now }
    return { ...plain, headers: sign(plain, { ...keys }, scope) }
  }
  return {
    authority,
    keys,
    clock,
    store,
    log,
    alarms,
    ring() {
      const due = [...timers]
      timers.clear()
      for (const run of due) run()
    },
    request,
    send: (sent) => authority.answer(sent),
    async call(keys, service, action, parameters) {
      const { body } = await authority.answer(request(keys, service, action, parameters))
      const text = typeof body === 'string' ? body : new TextDecoder().decode(body)
      if (loadService(service).protocol === 'json') return answeredInJson(text)
      const field = (name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? ''
      return {
        code: text.includes('<ErrorResponse') ? field('Code') : undefined,
        message: field('Message'),
        text,
        field,
      }
    },
  }
}
