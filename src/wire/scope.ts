import { Fault } from '../base/fault.ts'
import { basicTime, type Presented } from './presented.ts'

/** What a signature is for, and when: everything about it that can be checked without a secret. */

export interface ExpectedScope {
  /** The name under which the service signs, `iam`. */
  readonly service: string
  readonly regionValid: (region: string) => boolean
}

const mismatch = (message: string): Fault => new Fault('SignatureDoesNotMatch', message, 403)

/** Whether the signature is for this service, in a region that it has. The sentences end in a space, as AWS's do. */
export function checkScope(presented: Presented, expected: ExpectedScope): Fault | undefined {
  let message = ''
  if (!expected.regionValid(presented.region)) message += 'Credential should be scoped to a valid region. '
  if (presented.service !== expected.service)
    message += `Credential should be scoped to correct service: '${expected.service}'. `
  if (presented.terminator !== 'aws4_request')
    message += `Credential should be scoped with a valid terminator: 'aws4_request', not '${presented.terminator}'. `
  const day = presented.time.slice(0, 8)
  if (presented.date !== day)
    message += `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${presented.date}' != '${day}', from '${presented.time}'. `
  return message === '' ? undefined : mismatch(message)
}

/** A signature is good for five minutes before and after the time it names. */
export const skewSeconds = 300

/**
 * QUIRK: presigned-minutes. Outside S3 a presigned URL is good for fifteen minutes, whatever `X-Amz-Expires` says: the tokens by
 * which clusters know their users are presigned for 60 seconds and used for a quarter of an hour.
 */
export const presignedSeconds = 900

/** Whether the signature is of this time. `honourExpires` is S3's way, where `X-Amz-Expires` counts. */
export function checkTime(presented: Presented, nowMs: number, honourExpires = false): Fault | undefined {
  const lifetime =
    presented.source === 'header'
      ? skewSeconds
      : honourExpires
        ? (presented.expiresSeconds ?? skewSeconds)
        : presignedSeconds
  const { amzDate, time } = presented
  const minutes = (seconds: number) => `${Number((seconds / 60).toFixed(2))} min.`

  const oldest = nowMs - lifetime * 1000
  if (amzDate < oldest)
    return mismatch(
      `Signature expired: ${time} is now earlier than ${basicTime(oldest)} (${basicTime(nowMs)} - ${minutes(lifetime)})`,
    )
  const newest = nowMs + skewSeconds * 1000
  if (amzDate > newest)
    return mismatch(
      `Signature not yet current: ${time} is still later than ${basicTime(newest)} (${basicTime(nowMs)} + ${minutes(skewSeconds)})`,
    )
  return undefined
}
