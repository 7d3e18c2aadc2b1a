import type { Failing } from '../operation.ts'

/**
 * A second factor that is offered must be verified. No device can be registered yet, so none that is named exists, and AWS's
 * answer to an unknown device is the true one.
 */
export function refuseUnknownDevice(
  { fail }: Failing,
  serialNumber: string | undefined,
  tokenCode: string | undefined,
): void {
  if (serialNumber === undefined && tokenCode === undefined) return
  fail(
    'AccessDenied',
    'MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.',
  )
}
