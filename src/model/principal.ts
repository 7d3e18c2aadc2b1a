import { readData } from './data.ts'

let known: ReadonlySet<string> | undefined

const names = (): ReadonlySet<string> => {
  known ??= new Set(new TextDecoder().decode(readData('principals.txt')).trimEnd().split('\n'))
  return known
}

const region = /^(?:us|eu|ap|sa|ca|me|af|il|mx|cn|us-gov|us-iso|us-isob|eu-isoe|us-isof|eusc)(?:-[a-z]+){1,2}-\d{1,2}$/

/**
 * Whether a text is the name of an AWS service as a principal (IAM User Guide, "AWS service principals"): `ec2.amazonaws.com`.
 *
 * Services have principals of their own making before their name (`delivery.logs.…`), and regions on either side of it
 * (`states.eu-west-1.…`). AWS publishes no list; so any name that ends in a known service is taken for one.
 */
export function isServicePrincipal(text: string): boolean {
  const suffix = ['.amazonaws.com', '.amazonaws.com.cn'].find((end) => text.endsWith(end))
  if (suffix === undefined || text.length > 255) return false
  const name = text.slice(0, -suffix.length)
  if (!/^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(name)) return false
  const labels = name.split('.').filter((label) => !region.test(label))
  for (let from = 0; from < labels.length; from += 1) if (names().has(labels.slice(from).join('.'))) return true
  return false
}
