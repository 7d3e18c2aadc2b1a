import { readData } from './data.ts'

/** The role by which one of AWS's services acts in an account. */
export interface ServiceLinked {
  /** The principal that alone may assume it: `autoscaling.amazonaws.com`. */
  readonly service: string
  /** `AWSServiceRoleForAutoScaling`. */
  readonly roleName: string
  readonly policyArn: string
  /** Whether an account may have several, told apart by a suffix. */
  readonly severally: boolean
}

const domain = '.amazonaws.com'
let known: ReadonlyMap<string, ServiceLinked> | undefined

/**
 * The services that have service-linked roles, by principal, from data/service-linked.txt. That file is kept by hand: what the services'
 * guides say under "Using service-linked roles" and what AWS was recorded making, with AWS's managed policies, which name those roles, as a
 * further witness. One line each: principal, name and policy, without what is the same in all of them.
 */
export function serviceLinked(): ReadonlyMap<string, ServiceLinked> {
  known ??= new Map(
    new TextDecoder()
      .decode(readData('service-linked.txt'))
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [principal = '', name = '', policy = '', several] = line.split(' ')
        const service = principal + domain
        const policyArn = `arn:aws:iam::aws:policy/aws-service-role/${policy}`
        return [
          service,
          { service, roleName: `AWSServiceRoleFor${name}`, policyArn, severally: several === 'suffix' },
        ] as const
      }),
  )
  return known
}
