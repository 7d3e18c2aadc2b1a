/**
 * Gathers the names of AWS's services as principals into src/model/data/principals.txt, one a line, without `.amazonaws.com`:
 * from botocore's service folders and endpoint prefixes, from AWS's managed policies (their documents name the principals of
 * service roles), and from the list below of those that neither names.
 *
 *   node tools/ready.js --build && node build/tools/principal.js [--botocore FOLDER]
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { managedPolicies } from '../src/model/managed.ts'

/** Named in AWS's guides as principals of trust policies or as services that are trusted by organizations, and in no data that is at hand. */
const irregular = [
  'airflow-env',
  'alexa-appkit',
  'alexa-connectedhome',
  'amazonmq',
  'apidestinations.events',
  'application-cost-profiler',
  'appstream.application-autoscaling',
  'apptest',
  'autoscaling-plans',
  'aws-marketplace',
  'batchoperations.s3',
  'billing-cost-management',
  'billingconsole',
  'build.apprunner',
  'cassandra',
  'catalog.marketplace',
  'ce',
  'channels.lexv2',
  'chatbot',
  'cks.kms',
  'cloudhsm',
  'cloudsearch',
  'cloudwatch-crossaccount',
  'codedeploy',
  'codestar',
  'codestar-notifications',
  'cognito-sync',
  'config-multiaccountsetup',
  'connector.kinesis',
  'costalerts',
  'datapipeline',
  'deepcomposer',
  'deeplens',
  'deepracer',
  'deployment.marketplace',
  'diode',
  'dlm',
  'ec2-instance-connect',
  'ec2.application-autoscaling',
  'ecr',
  'ecr-public',
  'ecs-tasks',
  'edgelambda',
  'eks-auth',
  'eks-fargate',
  'eks-fargate-pods',
  'eks-nodegroup',
  'elasticbeanstalk',
  'elasticinference',
  'email.cognito-idp',
  'enhanced-monitoring.rds',
  'es',
  'evidently',
  'export.rds',
  'gamelift',
  'gameliftstreams',
  'hooks.cloudformation',
  'importexport',
  'iotanalytics',
  'ipam',
  'ivschat',
  'kafkaconnect',
  'kinesisanalytics',
  'kinesisvideo',
  'logger.cloudfront',
  'logging.s3',
  'lookoutvision',
  'machinelearning',
  'managedservices',
  'mediapackage',
  'mediastore',
  'mediatailor',
  'member.org.stacksets.cloudformation',
  'metering-marketplace',
  'mobileanalytics',
  'mobilehub',
  'monitoring',
  'monitoring.rds',
  'opsworks',
  'opsworks-cm',
  'origin-access-identity',
  'osis-pipelines',
  'outposts',
  'pinpoint',
  'pods.eks',
  'polly',
  'procurement-insights.marketplace',
  'pull-through-cache.ecr',
  'pullthroughcache.ecr',
  'quicksight',
  'rds-preview',
  'reachabilityanalyzer.networkinsights',
  'redshift-serverless',
  'rekognition',
  'replication.ecr',
  'replicator.lambda',
  'resources.cloudformation',
  'route53domains',
  's3-outposts',
  's3.data-source.lustre.fsx',
  'sagemaker-geospatial',
  'scheduler',
  'sdb',
  'serverlessrepo',
  'sms-voice',
  'snow-device-management',
  'sqs',
  'ssm-contacts',
  'ssm-incidents',
  'sso-directory',
  'stacksets.cloudformation',
  'storagegateway',
  'streams.metrics.cloudwatch',
  'swf',
  'tagpolicies.tag',
  'tasks.apprunner',
  'textract',
  'timestream',
  'tnb',
  'translate',
  'trustedadvisor',
  'tts',
  'user-subscriptions',
  'verified-access',
  'voiceid',
  'vpc-flow-logs',
  'vpce',
  'vpn',
  'waf-regional',
  'wickr',
  'workdocs',
  'worklink',
  'workmail',
  'workspaces',
  'xray',
]

function botocoreNames(botocore: string): string[] {
  const names: string[] = []
  for (const service of readdirSync(join(botocore, 'data'), { withFileTypes: true })) {
    if (!service.isDirectory()) continue
    const folder = join(botocore, 'data', service.name)
    const plain = join(folder, readdirSync(folder).sort().at(-1) ?? '', 'service-2.json')
    if (!existsSync(plain) && !existsSync(`${plain}.gz`)) continue
    const text = existsSync(plain) ? readFileSync(plain) : gunzipSync(readFileSync(`${plain}.gz`))
    // Only two names are read of it, and they may be absent.
    const { metadata } = JSON.parse(text.toString()) as { metadata: { endpointPrefix?: string; signingName?: string } }
    names.push(service.name, metadata.endpointPrefix ?? '', metadata.signingName ?? '')
  }
  return names
}

export function main(args: readonly string[]): void {
  const at = args.indexOf('--botocore')
  const named = at < 0 ? undefined : args[at + 1]
  const python = ['-c', 'import botocore; print(botocore.__path__[0])']
  const botocore = named ?? spawnSync('python3', python, { encoding: 'utf8' }).stdout.trim()

  const names = new Set([...irregular, ...botocoreNames(botocore)])
  for (const { document } of managedPolicies())
    for (const [, name = ''] of document.matchAll(/"([a-z0-9][a-z0-9.-]*)\.amazonaws\.com"/g)) names.add(name)
  const kept = [...names].filter((name) => /^[a-z0-9][a-z0-9.-]*$/.test(name)).sort()
  writeFileSync('src/model/data/principals.txt', `${kept.join('\n')}\n`)
  console.log(`${kept.length} names`)
}

if (process.argv[1]?.endsWith('principal.js')) main(process.argv.slice(2))
