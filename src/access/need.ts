import type { AttachedPolicy } from '../policy/decide.ts'
import type { Role, Tag } from '../state/identity.ts'

/** One thing that must be allowed before an operation runs: an action on a resource, with what the request says about both. */
export interface Need {
  /** `service:Action`, as policies write it. */
  readonly action: string
  /** The ARN, or `*` where the action knows no resource. */
  readonly resource: string
  /** How AWS's AccessDenied names the resource, where that is not the ARN (`role NAME`, `policy NAME`); empty where it names none. */
  readonly noun?: string
  /** Tags of the resource as it is now: `aws:ResourceTag/…` (and the service's own twin). */
  readonly resourceTags?: readonly Tag[]
  /** Tags that the request brings: `aws:RequestTag/…`. */
  readonly requestTags?: readonly Tag[]
  /** Tag keys that the request names, where it brings no values: `aws:TagKeys`. Follows from `requestTags` otherwise. */
  readonly tagKeys?: readonly string[]
  /** Further condition keys that the action bears. `null`: known to be absent. `undefined`: not known, which may leave the decision open. */
  readonly context?: Readonly<Record<string, readonly string[] | null | undefined>>
  /** QUIRK: source-identity-blame. Where a refusal hangs on this context key alone, AWS reports it under another action. */
  readonly blame?: { readonly key: string; readonly action: string }
  /**
   * Whose consent is asked, where that is not the account in the ARN: services that know by themselves who may touch another
   * account's resource ask for the caller's own policies only.
   */
  readonly owner?: string
  /** What a policy on the resource says, where it has one and asks it as any resource policy is asked. */
  readonly consent?: { readonly account: string; readonly policies: readonly AttachedPolicy[] }
  /** The code that a refusal has in the place of AccessDenied, with AWS's own words, where the need is not the operation's own. */
  readonly refusedAs?: {
    readonly code: string
    readonly message: string
    readonly details?: Readonly<Record<string, string>>
  }
  /**
   * The role that is to be assumed: its trust policy is the resource's side. `undefined` in it: nothing there lets anybody in; `alike`
   * is then what is called so under another path or in other letters.
   */
  readonly assuming?: { readonly account: string; readonly role: Role | undefined; readonly alike?: Role | undefined }
}
