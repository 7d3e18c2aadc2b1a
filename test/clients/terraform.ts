import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Env, have, type Ran, root, run } from './process.ts'

/** A folder in which Terraform works, with the AWS provider of a mirror on this machine. */
const mirror = process.env.ROLECALL_TF_MIRROR ?? '/opt/tf-plugins'
export const full = process.env.ROLECALL_TERRAFORM === 'full'
export const configurations = join(root, 'test', 'clients', 'terraform')

const holdsProvider = (directory: string): boolean =>
  existsSync(directory) &&
  readdirSync(directory, { recursive: true, encoding: 'utf8' }).some((name) => name.includes('terraform-provider-aws'))

/** Why there can be no tests with Terraform here; `undefined` where there can be. */
export const lacking = !(await have('terraform', ['version']))
  ? 'there is no terraform here'
  : holdsProvider(mirror)
    ? undefined
    : `there is no AWS provider in ${mirror}; name its mirror in ROLECALL_TF_MIRROR`
export const leftOut = lacking === undefined ? '' : ` (left out: ${lacking})`
if (lacking !== undefined) console.warn(`tests with Terraform${leftOut}`)

export const plain: readonly string[] = ['-no-color', '-input=false']

interface Instance {
  readonly index_key?: number | string
  readonly attributes: Readonly<Record<string, unknown>>
}
interface Resource {
  readonly mode: string
  readonly type: string
  readonly name: string
  readonly instances: readonly Instance[]
}
interface State {
  readonly outputs: Readonly<Record<string, { readonly value: unknown }>>
  readonly resources: readonly Resource[]
}

/** By what a resource is imported, where it is not by its `id`; `undefined` for what the provider cannot import. */
type Naming = Readonly<Record<string, ((attributes: Readonly<Record<string, unknown>>) => string) | undefined>>

export interface Project {
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  readonly run: (...args: readonly string[]) => Promise<Ran>
  /** What it prints; throws where it fails. */
  readonly well: (...args: readonly string[]) => Promise<string>
  readonly vary: (variables: object) => void
  /** From the state, as `terraform output -json` would print them: without another start of the program. */
  readonly outputs: () => Readonly<Record<string, unknown>>
  /** Changes that terraform sees between what it has made and what is read back: none, or its plan. */
  readonly difference: () => Promise<string>
  /** What would change if everything were imported into an empty state: addresses, each with what would be done. */
  readonly imported: (naming: Naming) => Promise<Readonly<Record<string, string>>>
  readonly discard: () => void
}

export async function projectOf(env: Env, files: readonly string[]): Promise<Project> {
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-terraform-'))
  const at = (name: string): string => join(folder, name)
  for (const file of files) copyFileSync(file, at(file.slice(file.lastIndexOf('/') + 1)))
  writeFileSync(
    at('terraform.rc'),
    `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
  )
  const environment = {
    HOME: folder,
    TF_CLI_CONFIG_FILE: at('terraform.rc'),
    TF_IN_AUTOMATION: '1',
    CHECKPOINT_DISABLE: '1',
    // The provider's schemas are large and live to the end: there is little in them to collect, and much to look through.
    GOGC: '400',
    AWS_ACCESS_KEY_ID: env.accessKeyId,
    AWS_SECRET_ACCESS_KEY: env.secretAccessKey,
  }
  const terraform = (...args: readonly string[]): Promise<Ran> => run('terraform', args, environment, folder)
  // The file is Terraform's own; only what is named above is read of it.
  const state = (): State => JSON.parse(readFileSync(at('terraform.tfstate'), 'utf8')) as State

  return {
    folder,
    environment,
    run: terraform,
    async well(...args) {
      const { code, stdout, stderr } = await terraform(...args)
      if (code !== 0)
        throw new Error(`terraform ${args.join(' ')} ended with ${code}:\n${stderr}\n${stdout.slice(-4000)}`)
      return stdout
    },
    vary: (variables) => writeFileSync(at('terraform.tfvars.json'), JSON.stringify(variables)),
    outputs: () => Object.fromEntries(Object.entries(state().outputs).map(([name, { value }]) => [name, value])),
    async difference() {
      const { code, stdout, stderr } = await terraform('plan', ...plain, '-detailed-exitcode')
      return code === 0 ? '' : `${stdout}${stderr}`
    },
    async imported(naming) {
      const blocks: string[] = []
      for (const { mode, type, name, instances } of state().resources) {
        if (mode !== 'managed' || (type in naming && naming[type] === undefined)) continue
        for (const { index_key: index, attributes } of instances) {
          const to = `${type}.${name}${index === undefined ? '' : `[${JSON.stringify(index)}]`}`
          const id = naming[type]?.(attributes) ?? String(attributes.id)
          blocks.push(`import {\n  to = ${to}\n  id = ${JSON.stringify(id)}\n}\n`)
        }
      }
      writeFileSync(at('imports.tf'), blocks.join(''))
      const { code, stdout, stderr } = await terraform('plan', '-json', '-input=false', '-state=empty.tfstate')
      rmSync(at('imports.tf'))
      if (code !== 0) throw new Error(`the plan of imports ended with ${code}:\n${stderr}\n${stdout.slice(-4000)}`)
      const changes: Record<string, string> = {}
      for (const line of stdout.trim().split('\n')) {
        // A line of Terraform's machine readable UI.
        const { type, change } = JSON.parse(line) as {
          readonly type: string
          readonly change?: { readonly action: string; readonly resource: { readonly addr: string } }
        }
        if (type === 'planned_change' && change !== undefined && !['noop', 'import', 'read'].includes(change.action))
          changes[change.resource.addr] = change.action
      }
      return changes
    },
    discard: () => rmSync(folder, { recursive: true, force: true }),
  }
}
