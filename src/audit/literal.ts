import { type Attribute, type AttributeName, everySession } from './attribute.ts'
import { mintedBeginning } from './minted.ts'

/** Members of a record in which an attribute stands as it is. */
const members: Partial<Readonly<Record<AttributeName, string>>> = {
  EventId: 'eventID',
  EventName: 'eventName',
  EventSource: 'eventSource',
  AccessKeyId: 'accessKeyId',
  RequestId: 'requestID',
  SharedEventId: 'sharedEventID',
}

/**
 * What stands in a record's line, letter for letter, wherever it has this attribute; `undefined` where that cannot be said. Records
 * are written without white space, so a name that begins another is told from it by the quotation mark behind.
 */
export function literalOf({ name, value }: Attribute): string | undefined {
  if (name === 'Session' && value === everySession) return mintedBeginning
  if (name === 'ReadOnly') return `"readOnly":${value}`
  // Types are concluded from the names of parameters, and root is called so whatever its record says.
  const concluded = name === 'ResourceType' || (name === 'Username' && value === 'root')
  if (concluded || !/^[\w+=,.@:/ -]+$/.test(value)) return undefined
  if (name === 'PrincipalId') return value
  const member = members[name]
  return member === undefined ? `${value}"` : `"${member}":"${value}"`
}

/** The lines of a text in which something stands; all of them where that is nothing. Most are never cut out. */
export function* linesWith(text: string, literal: string | undefined): Iterable<string> {
  if (literal === undefined) {
    for (const line of text.split('\n')) if (line !== '') yield line
    return
  }
  for (let at = text.indexOf(literal); at >= 0; ) {
    const feed = text.indexOf('\n', at)
    const end = feed < 0 ? text.length : feed
    yield text.slice(text.lastIndexOf('\n', at) + 1, end)
    at = text.indexOf(literal, end)
  }
}
