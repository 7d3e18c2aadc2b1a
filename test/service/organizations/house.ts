import type { Caller, Verified } from '../../../src/access/caller.ts'
import { Fault } from '../../../src/base/fault.ts'
import type { OrganizationsCalls } from '../../../src/model/calls/organizations.ts'
import { rootArn } from '../../../src/state/entity.ts'
import { Stage } from '../stage.ts'

export const manager = '111122223333'
export const guest = '444455556666'
export const stranger = '777788889999'
export const noon = Date.UTC(2026, 10, 23, 12)

type Calls = OrganizationsCalls
export type Name = keyof Calls & string

/** Three accounts, and every operation of Organizations over them. */
export class House extends Stage {
  constructor() {
    // Whole seconds, as the shapes of these tests want times.
    super('organizations', [manager, guest, stranger], noon)
  }

  do<N extends Name>(name: N, input: Calls[N]['input'], account = manager): Calls[N]['output'] {
    // The operation's own type was erased where it was declared; its shape was checked by the stage.
    return this.perform(name, input, root(account)) as Calls[N]['output']
  }

  /** What an operation is told: `ok`, or code and reason. */
  told<N extends Name>(name: N, input: Calls[N]['input'], account = manager): string {
    try {
      this.do(name, input, account)
      return 'ok'
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      const { Reason } = error.details ?? {}
      return Reason === undefined ? error.code : `${error.code} ${Reason}`
    }
  }

  /** An organization with all features; answers the id of its root. */
  found(features?: 'ALL' | 'CONSOLIDATED_BILLING'): string {
    this.do('CreateOrganization', features === undefined ? {} : { FeatureSet: features })
    return this.root
  }

  get root(): string {
    return this.do('ListRoots', {}).Roots?.[0]?.Id ?? ''
  }

  unit(ParentId: string, Name: string): string {
    return this.do('CreateOrganizationalUnit', { ParentId, Name }).OrganizationalUnit?.Id ?? ''
  }

  /** A new account of that name; answers its id. */
  account(AccountName: string): string {
    const { CreateAccountStatus: begun } = this.do('CreateAccount', {
      AccountName,
      Email: `${AccountName}@example.com`,
    })
    this.now += 1_000
    const { CreateAccountStatus: ended } = this.do('DescribeCreateAccountStatus', {
      CreateAccountRequestId: begun?.Id ?? '',
    })
    return ended?.AccountId ?? ''
  }

  /** Another account of the authority comes in by invitation. */
  invite(account: string): void {
    const { Handshake } = this.do('InviteAccountToOrganization', { Target: { Type: 'ACCOUNT', Id: account } })
    this.do('AcceptHandshake', { HandshakeId: Handshake?.Id ?? '' }, account)
  }

  policy(
    Name: string,
    Content: string,
    Type: Calls['CreatePolicy']['input']['Type'] = 'SERVICE_CONTROL_POLICY',
  ): string {
    return this.do('CreatePolicy', { Name, Content, Type, Description: '' }).Policy?.PolicySummary?.Id ?? ''
  }

  attached(TargetId: string, Filter: Calls['ListPoliciesForTarget']['input']['Filter'] = 'SERVICE_CONTROL_POLICY') {
    return this.do('ListPoliciesForTarget', { TargetId, Filter }).Policies?.map(({ Id }) => Id)
  }
}

/** Stands for the gate, which alone makes verified callers of requests. */
const root = (account: string): Verified => {
  const caller: Caller = { kind: 'root', account, arn: rootArn(account), userId: account, accessKeyId: 'AKIAROOT' }
  return caller as Verified
}

export const scp = (...Statement: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement })
export const deny = (Action: string) => scp({ Effect: 'Deny', Action, Resource: '*' })
