/** AWS's model files as they are on disk (botocore's `service-2.json` without prose), and the same thing with its references followed. */

export type ShapeType =
  | 'structure'
  | 'list'
  | 'map'
  | 'string'
  | 'character'
  | 'boolean'
  | 'blob'
  | 'timestamp'
  | 'integer'
  | 'long'
  | 'short'
  | 'byte'
  | 'float'
  | 'double'
  | 'bigdecimal'
  | 'biginteger'

/** Traits that may stand on a shape or on a reference to it; the reference wins. */
interface RawTraits {
  readonly locationName?: string
  readonly queryName?: string
  readonly location?: string
  readonly flattened?: boolean
  readonly streaming?: boolean
  readonly xmlAttribute?: boolean
  readonly xmlNamespace?: string | { readonly uri?: string; readonly prefix?: string }
  readonly timestampFormat?: string
  readonly idempotencyToken?: boolean
  readonly sensitive?: boolean
}

export interface RawRef extends RawTraits {
  readonly shape: string
}

export interface RawShape extends RawTraits {
  readonly type: ShapeType
  readonly members?: Readonly<Record<string, RawRef>>
  readonly required?: readonly string[]
  readonly payload?: string
  readonly member?: RawRef
  readonly key?: RawRef
  readonly value?: RawRef
  readonly min?: number
  readonly max?: number
  readonly pattern?: string
  readonly enum?: readonly string[]
  readonly exception?: boolean
  /** Of an exception: the service is to blame. */
  readonly fault?: boolean
  readonly document?: boolean
  readonly error?: { readonly code?: string; readonly httpStatusCode?: number; readonly senderFault?: boolean }
}

export interface RawOperation {
  readonly name: string
  readonly http?: { readonly method?: string; readonly requestUri?: string; readonly responseCode?: number }
  readonly input?: RawRef
  readonly output?: RawRef & { readonly resultWrapper?: string }
  readonly errors?: readonly RawRef[]
  readonly authtype?: string
}

export interface RawService {
  readonly metadata: {
    readonly apiVersion: string
    readonly protocol: string
    readonly endpointPrefix?: string
    readonly signingName?: string
    readonly serviceId?: string
    readonly targetPrefix?: string
    readonly jsonVersion?: string
    readonly xmlNamespace?: RawTraits['xmlNamespace']
  }
  readonly operations: Readonly<Record<string, RawOperation>>
  readonly shapes: Readonly<Record<string, RawShape>>
}

/** One use of a shape: by a structure's member, a list's element, or a map's key or value. */
export interface Ref {
  readonly shape: Shape
  /** The name on the wire, where it is not the member's own. */
  readonly locationName: string | undefined
  /** The name on the wire of the EC2 protocol. */
  readonly queryName: string | undefined
  /** `header`, `uri`, `querystring`, … in the REST protocols. */
  readonly location: string | undefined
  readonly flattened: boolean
  readonly xmlAttribute: boolean
  readonly xmlNamespace: string | undefined
  readonly timestampFormat: string | undefined
  readonly idempotencyToken: boolean
  readonly streaming: boolean
  readonly sensitive: boolean
}

export interface Member extends Ref {
  readonly name: string
  readonly required: boolean
}

interface Named {
  /** The shape's name in the model. */
  readonly name: string
}
/** For text the length in Unicode code points, for blobs in bytes, for lists and maps the count, for numbers the value. */
interface Bounded extends Named {
  readonly min: number | undefined
  readonly max: number | undefined
}

export interface StructureShape extends Named {
  readonly type: 'structure'
  /** In the model's order. */
  readonly members: readonly Member[]
  /** In the order in which AWS writes them. */
  readonly written: readonly Member[]
  readonly payload: string | undefined
  /** Holds any JSON, which the model says nothing more of. */
  readonly document: boolean
}
export interface ListShape extends Bounded {
  readonly type: 'list'
  readonly element: Ref
}
export interface MapShape extends Bounded {
  readonly type: 'map'
  readonly key: Ref
  readonly value: Ref
}
export interface StringShape extends Bounded {
  readonly type: 'string' | 'character'
  /** As published: a Java regular expression that must match the whole value. */
  readonly pattern: string | undefined
  readonly enum: readonly string[] | undefined
}
export interface NumberShape extends Bounded {
  readonly type: 'integer' | 'long' | 'short' | 'byte' | 'float' | 'double' | 'bigdecimal' | 'biginteger'
}
export interface BlobShape extends Bounded {
  readonly type: 'blob'
}
export interface PlainShape extends Named {
  readonly type: 'boolean' | 'timestamp'
}

export type Shape = StructureShape | ListShape | MapShape | StringShape | NumberShape | BlobShape | PlainShape
