import { iamArn } from '../../base/arn.ts'
import { uuid } from '../../base/id.ts'
import { inAccount } from '../../state/index-keys.ts'
import { type Failing, operationsOf } from '../operation.ts'
import { ownerOf } from './job.ts'
import { wholeSecond } from './make.ts'
import { page } from './page.ts'

const iam = operationsOf('iam')

/** No account is in an organization yet, so what organizations allow is refused as AWS refuses it to accounts that are alone. */
const alone = 'No organization is associated with your account.'
const refuse = (scene: Failing<'OrganizationNotFoundException'>): never =>
  scene.fail('OrganizationNotFoundException', alone)

const onAll = (action: string) => () => [{ action: `iam:${action}`, resource: '*' }]

export const listOrganizationsFeatures = iam.read('ListOrganizationsFeatures', {
  level: 'list',
  needs: onAll('ListOrganizationsFeatures'),
  run: refuse,
})

export const enableOrganizationsRootCredentialsManagement = iam.write('EnableOrganizationsRootCredentialsManagement', {
  level: 'write',
  needs: onAll('EnableOrganizationsRootCredentialsManagement'),
  run: refuse,
})

export const disableOrganizationsRootCredentialsManagement = iam.write(
  'DisableOrganizationsRootCredentialsManagement',
  { level: 'write', needs: onAll('DisableOrganizationsRootCredentialsManagement'), run: refuse },
)

export const enableOrganizationsRootSessions = iam.write('EnableOrganizationsRootSessions', {
  level: 'write',
  needs: onAll('EnableOrganizationsRootSessions'),
  run: refuse,
})

export const disableOrganizationsRootSessions = iam.write('DisableOrganizationsRootSessions', {
  level: 'write',
  needs: onAll('DisableOrganizationsRootSessions'),
  run: refuse,
})

const jobMilliseconds = 24 * 60 * 60_000

/** The model leaves no way to refuse but a job that fails. */
export const generateOrganizationsAccessReport = iam.write('GenerateOrganizationsAccessReport', {
  level: 'read',
  needs: ({ EntityPath, OrganizationsPolicyId }, scene) => [
    {
      action: 'iam:GenerateOrganizationsAccessReport',
      resource: iamArn(scene.caller.account, `access-report/${EntityPath}`),
      ...(OrganizationsPolicyId === undefined
        ? {}
        : { context: { 'iam:OrganizationsPolicyId': [OrganizationsPolicyId] } }),
    },
  ],
  run: ({ state, caller, now, random }) => {
    for (const old of state.find('organization-job', inAccount(caller.account)))
      if (now - old.createdAt > jobMilliseconds) state.remove('organization-job', old.id)
    const id = uuid(random)
    state.put({ kind: 'organization-job', id, account: caller.account, owner: ownerOf(caller), createdAt: now })
    return { JobId: id }
  },
})

export const getOrganizationsAccessReport = iam.read('GetOrganizationsAccessReport', {
  level: 'read',
  needs: onAll('GetOrganizationsAccessReport'),
  run: (scene, input) => {
    const { state, caller, now, fail } = scene
    const { JobId } = input
    const job = state.get('organization-job', JobId)
    const known =
      job?.account === caller.account && job.owner === ownerOf(caller) && now - job.createdAt <= jobMilliseconds
    if (job === undefined || !known) return fail('NoSuchEntity', `Job ${JobId} cannot be found.`)
    // There is nothing in it to go through, in any order; a marker cannot come from here.
    page(scene, input, `organization report ${JobId}`, [], String)
    return {
      JobStatus: 'FAILED',
      JobCreationDate: wholeSecond(job.createdAt),
      JobCompletionDate: wholeSecond(job.createdAt),
      IsTruncated: false,
      ErrorDetails: { Message: alone, Code: 'OrganizationNotFoundException' },
    }
  },
})
