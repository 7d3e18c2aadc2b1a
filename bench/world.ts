import { auditRow } from '../src/audit/event.ts'
import type { Identity } from '../src/audit/identity.ts'
import { accessKeyId, uuid } from '../src/base/id.ts'
import type { TrailRow } from '../src/store/store.ts'
import { seeded } from '../test/audit/scene.ts'

export const days = 60
export const since = Date.UTC(2026, 8, 24)

const reads = ['GetUser', 'GetRole', 'ListUsers', 'ListRoles', 'GetPolicy', 'ListAttachedRolePolicies', 'GetRolePolicy']
const writes = ['CreateUser', 'PutUserPolicy', 'TagRole', 'AttachRolePolicy', 'UpdateRole', 'DeleteUser']

/** A session, and how many calls it will still make. */
interface Live {
  readonly identity: Identity
  left: number
}

/**
 * Calls as an organization makes them: twenty accounts of very different size, users with lasting keys, and above all workloads
 * that become a role, work for some calls and are gone. So most access keys are new, and seen a dozen times.
 */
export class World {
  readonly #dice = seeded(2026)
  readonly #live: Live[] = []
  readonly #records: number
  readonly #since: number
  readonly #days: number
  #number = 0

  /** So many records in some days after a time. */
  constructor(records: number, from = since, over = days) {
    this.#records = records
    this.#since = from
    this.#days = over
  }

  next(): TrailRow {
    const at = this.#since + Math.floor((this.#number++ / this.#records) * this.#days * 86_400_000)
    const turn = this.#dice.below(100)
    if (turn < 10 || this.#live.length < 50) return this.#assume(at)
    if (turn < 30) return this.#call(at, this.#user(this.#account()))
    const index = this.#dice.below(this.#live.length)
    const live = this.#live[index]
    if (live === undefined) return this.#assume(at)
    if (--live.left <= 0) this.#live.splice(index, 1)
    return this.#call(at, live.identity)
  }

  /** Half of all calls are made in the first account, a quarter in the second, and so on. */
  #account(): string {
    let number = 0
    while (number < 19 && this.#dice.below(2) === 0) number++
    return String(100_000_000_000 + number)
  }

  #user(account: string): Identity {
    const name = `user-${this.#dice.below(200)}`
    return {
      type: 'IAMUser',
      account,
      id: `AIDA${account}${name}`,
      arn: `arn:aws:iam::${account}:user/${name}`,
      name,
      accessKeyId: `AKIA${account}${name}`,
    }
  }

  #assume(at: number): TrailRow {
    const account = this.#account()
    const roleName = `role-${this.#dice.below(300)}`
    const sessionName = `run-${this.#dice.below(1_000_000)}`
    const key = accessKeyId(this.#dice, 'ASIA', account)
    const identity: Identity = {
      type: 'AssumedRole',
      account,
      roleId: `AROA${account}${roleName}`,
      roleArn: `arn:aws:iam::${account}:role/${roleName}`,
      roleName,
      sessionName,
      accessKeyId: key,
      session: { issuedAt: at, mfa: false },
    }
    this.#live.push({ identity, left: 1 + this.#dice.below(18) })
    const parameters = { RoleArn: identity.roleArn, RoleSessionName: sessionName, DurationSeconds: 3600 }
    const response = {
      Credentials: { AccessKeyId: key, Expiration: at + 3_600_000 },
      AssumedRoleUser: {
        AssumedRoleId: `${identity.roleId}:${sessionName}`,
        Arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`,
      },
    }
    const touched = [{ arn: identity.roleArn, account, type: 'AWS::IAM::Role' }]
    return this.#row(at, this.#user(account), 'AssumeRole', { parameters, response, resources: touched }, true)
  }

  #call(at: number, identity: Identity): TrailRow {
    const write = this.#dice.below(10) === 0
    const names = write ? writes : reads
    const name = names[this.#dice.below(names.length)] ?? 'GetUser'
    const parameters = name.includes('User')
      ? { UserName: `user-${this.#dice.below(200)}` }
      : { RoleName: `role-${this.#dice.below(300)}` }
    return this.#row(at, identity, name, { parameters }, !write)
  }

  #row(at: number, identity: Identity, name: string, more: object, readOnly: boolean): TrailRow {
    return auditRow({
      operation: { service: name === 'AssumeRole' ? 'sts' : 'iam', name, readOnly, mints: name === 'AssumeRole' },
      identity,
      at,
      region: 'us-east-1',
      sourceIp: `10.0.${this.#dice.below(256)}.${this.#dice.below(256)}`,
      userAgent: 'aws-sdk-js/3.1169.0 ua/2.1 os/linux#6.18 lang/js md/nodejs#20.20.2 api/sts#3.1169.0',
      requestId: uuid(this.#dice),
      eventId: uuid(this.#dice),
      account: 'account' in identity ? (identity.account ?? '') : '',
      parameterFacts: () => undefined,
      responseFacts: (member) => (member === 'Expiration' ? { timestamp: true } : undefined),
      ...more,
    })
  }
}
