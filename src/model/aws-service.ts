import { readData } from './data.ts'

let known: ReadonlyMap<string, string> | undefined

/** AWS's services: the prefix that their actions have in policies, to the name that people know. Ordered by prefix. */
export function awsServices(): ReadonlyMap<string, string> {
  if (known !== undefined) return known
  const lines = new TextDecoder().decode(readData('services.txt')).trimEnd().split('\n')
  known = new Map(
    lines.map((line) => {
      const tab = line.indexOf('\t')
      return [line.slice(0, tab), line.slice(tab + 1)]
    }),
  )
  return known
}
