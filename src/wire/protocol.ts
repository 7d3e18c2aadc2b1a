import type { OperationModel, ServiceModel } from '../model/service.ts'
import type { HttpRequest, HttpResponse } from './http.ts'

/** What a request asks for, before anything about it is believed. */
export interface Asked {
  readonly name: string
  /** The version of the service's interface, as sent; absent where the request names none. */
  readonly version?: string | undefined
  /** What the service is called in the protocols whose requests name it instead. */
  readonly target?: string
}

/** What a caller is told when something is refused. An empty message is left out on the wire. */
export interface Refusal {
  readonly code: string
  readonly message: string
  /** What the service's model has in this error besides the message. */
  readonly details?: Readonly<Record<string, string>> | undefined
  /** Overrides the status that the service's model has for the code. */
  readonly status?: number | undefined
}

/** The decoded members of an operation's input, by the model's names: texts, numbers, booleans, bytes, lists, structures. */
export type Values = Readonly<Record<string, unknown>>

/** A codec turns bytes into values and back by the service model alone. It knows no operation by name. */
export interface Protocol {
  readonly name: 'query' | 'ec2' | 'json' | 'rest-json' | 'rest-xml'
  /** Whether the request is written in this protocol. Cheap; looks at no secret. */
  readonly claims: (request: HttpRequest) => boolean
  /** The operation that the request names; `undefined` where it names none. Never throws. */
  readonly operation: (request: HttpRequest) => Asked | undefined
  /**
   * The operation's input. Members that the model does not know are ignored, absent ones are absent; constraints are not checked
   * here. Throws a Fault where a value cannot be read as its type (`MalformedInput`).
   */
  readonly decode: (service: ServiceModel, operation: OperationModel, request: HttpRequest) => Values
  /** The answer of an operation that succeeded. Members that are `undefined` are left out. */
  readonly encode: (service: ServiceModel, operation: OperationModel, output: object, requestId: string) => HttpResponse
  /** The answer where something was refused. Without a service, where it is not known which one was meant. */
  readonly refuse: (service: ServiceModel | undefined, refusal: Refusal, requestId: string) => HttpResponse
}
