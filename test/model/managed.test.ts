import { describe, expect, it } from 'vitest'
import { managedPolicies, managedPolicy } from '../../src/model/managed.ts'
import { isServicePrincipal } from '../../src/model/principal.ts'
import { distilManaged } from '../../tools/managed.ts'

describe("AWS's managed policies", () => {
  const all = [...managedPolicies()]

  it('are all there, each a document that can be read', () => {
    expect(all.length).toBeGreaterThan(1500)
    for (const { arn, path, name, document, defaultVersion, createdAt, updatedAt, id } of all) {
      expect(arn).toBe(`arn:aws:iam::aws:policy${path}${name}`)
      expect(defaultVersion).toMatch(/^v[1-9]\d*$/)
      expect(id).toMatch(/^ANPA[A-Z2-7]{17}$/)
      expect(updatedAt).toBeGreaterThanOrEqual(createdAt)
      expect(JSON.parse(document), arn).toHaveProperty('Statement')
    }
  })
  it('have ids and ARNs of their own', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
    expect(new Set(all.map(({ arn }) => arn)).size).toBe(all.length)
  })
  it('are found by ARN, and are the same each time', () => {
    const admin = managedPolicy('arn:aws:iam::aws:policy/AdministratorAccess')
    expect(admin).toMatchObject({
      name: 'AdministratorAccess',
      path: '/',
      defaultVersion: 'v1',
      createdAt: Date.UTC(2015, 1, 6, 18, 39, 46),
    })
    expect(JSON.parse(admin?.document ?? '')).toEqual({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
    })
    expect(managedPolicy('arn:aws:iam::aws:policy/AdministratorAccess')).toBe(admin)
    expect(managedPolicy('arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole')?.path).toBe(
      '/service-role/',
    )
    for (const task of [
      'IAMAuditRootUserCredentials',
      'IAMCreateRootUserPassword',
      'IAMDeleteRootUserCredentials',
      'S3UnlockBucketPolicy',
      'SQSUnlockQueuePolicy',
    ])
      expect(managedPolicy(`arn:aws:iam::aws:policy/root-task/${task}`)?.name).toBe(task)
  })
  it('are not found where there is none', () => {
    for (const arn of [
      '',
      'arn:aws:iam::aws:policy/Nope',
      'arn:aws:iam::123456789012:policy/AdministratorAccess',
      '__proto__',
    ])
      expect(managedPolicy(arn)).toBeUndefined()
  })
  it('are distilled to their default version', () => {
    const policy = {
      arn: 'arn:aws:iam::aws:policy/B',
      latestVersionId: 'v2',
      versions: { v1: { document: { Version: 'old' } }, v2: { document: { Version: 'new' } } },
      createdDate: '1970-01-01T00:00:01.500Z',
      lastUpdatedDate: '1970-01-01T00:00:02Z',
    }
    expect(distilManaged({ B: policy, A: { ...policy, arn: 'arn:aws:iam::aws:policy/A' } })).toBe(
      '[["arn:aws:iam::aws:policy/A","v2",1,2],["arn:aws:iam::aws:policy/B","v2",1,2]]\n{"Version":"new"}\n{"Version":"new"}',
    )
    expect(() => distilManaged({ B: { ...policy, latestVersionId: 'v3' } })).toThrow('lacks the document')
  })
})

describe('service principals', () => {
  const real = [
    'ec2',
    'lambda',
    'edgelambda',
    'replicator.lambda',
    'ecs-tasks',
    'ecs',
    'eks',
    'pods.eks',
    'eks-fargate-pods',
    'eks-nodegroup',
    'states',
    'states.eu-west-1',
    'events',
    'scheduler',
    'pipes',
    'apidestinations.events',
    's3',
    'batchoperations.s3',
    'logging.s3',
    'cloudformation',
    'codebuild',
    'codepipeline',
    'codedeploy',
    'cloudtrail',
    'config',
    'delivery.logs',
    'logs',
    'logs.us-east-1',
    'logs.eu-central-1',
    'vpc-flow-logs',
    'monitoring.rds',
    'rds',
    'export.rds',
    'enhanced-monitoring.rds',
    'apigateway',
    'ops.apigateway',
    'appsync',
    'firehose',
    'kinesisanalytics',
    'glue',
    'redshift',
    'sagemaker',
    'bedrock',
    'elasticmapreduce',
    'emr-serverless',
    'autoscaling',
    'application-autoscaling',
    'ecs.application-autoscaling',
    'dynamodb.application-autoscaling',
    'replication.dynamodb',
    'spotfleet',
    'spot',
    'ssm',
    'ssm-incidents',
    'backup',
    'dlm',
    'dms',
    'transfer',
    'cognito-idp',
    'cognito-identity',
    'email.cognito-idp',
    'sns',
    'sqs',
    'ses',
    'kms',
    'secretsmanager',
    'iot',
    'credentials.iot',
    'organizations',
    'member.org.stacksets.cloudformation',
    'stacksets.cloudformation',
    'sso',
    'guardduty',
    'malware-protection-plan.guardduty',
    'securityhub',
    'access-analyzer',
    'support',
    'trustedadvisor',
    'rolesanywhere',
    'tasks.apprunner',
    'build.apprunner',
    'chatbot',
    'quicksight',
    'lakeformation',
    'datasync',
    'mediaconvert',
    'elasticbeanstalk',
    'es',
    'opensearchservice',
    'vmie',
    'grafana',
    'aps',
    'airflow',
    'airflow-env',
    'codestar-notifications',
    'wafv2',
    'fms',
    'cloudfront',
    'route53',
    'elasticloadbalancing',
    'servicecatalog',
    'resources.cloudformation',
    'hooks.cloudformation',
    'imagebuilder',
    'fis',
    'osis-pipelines',
    'deployment.marketplace',
    'billing-cost-management',
    'config-multiaccountsetup',
    'ipam',
    'member.org.stacksets.cloudformation',
    'procurement-insights.marketplace',
    'reachabilityanalyzer.networkinsights',
  ]
  for (const name of real) it(`${name} is one`, () => expect(isServicePrincipal(`${name}.amazonaws.com`)).toBe(true))
  it('ec2 in China is one', () => expect(isServicePrincipal('ec2.amazonaws.com.cn')).toBe(true))

  const none = [
    'nope.amazonaws.com',
    'ec2',
    'amazonaws.com',
    '.amazonaws.com',
    'ec2.amazonaws.org',
    'ec2.amazonaws.com.evil.example',
    'EC2.amazonaws.com',
    'ec2..amazonaws.com',
    'ec2.nope.amazonaws.com',
    'eu-west-1.amazonaws.com',
    'ec2 .amazonaws.com',
    '*.amazonaws.com',
    '__proto__.amazonaws.com',
    `${'a.'.repeat(100_000)}ec2.amazonaws.com`,
    '',
  ]
  for (const name of none)
    it(`${JSON.stringify(name.slice(0, 40))} is none`, () => expect(isServicePrincipal(name)).toBe(false))
})
