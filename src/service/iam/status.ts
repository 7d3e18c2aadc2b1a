import type { Failing } from '../operation.ts'

/** What a credential can be switched to. Expired is a state that AWS puts credentials into; nobody asks for it. */
export function switchable<Code extends string>(
  { fail }: Failing<Code>,
  code: NoInfer<Code> | 'ValidationError',
  what: string,
  status: 'Active' | 'Inactive' | 'Expired',
): 'Active' | 'Inactive' {
  return status === 'Expired' ? fail(code, `The status of ${what} can be Active or Inactive.`) : status
}
