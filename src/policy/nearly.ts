import { compileGlob } from '../base/glob.ts'
import type { FailedPart } from './decide.ts'

const pairs = (wanted: readonly string[], seen: readonly string[]) =>
  wanted.flatMap((want) => seen.map((value) => [want, value] as const))

const wild = /[*?]/

/**
 * What is most likely meant where a text was not what a condition wants: wildcards under an operator that takes them for letters, or
 * other letters of the same kind. `undefined` where neither is it.
 */
export function nearly({ operator = '', wanted, seen }: FailedPart): string | undefined {
  const plain = operator.replace(/^For(?:All|Any)Values?:/i, '').replace(/IfExists$/i, '')
  const compared = pairs(wanted, seen ?? [])
  if (plain === 'StringEquals') {
    const meant = compared.find(([want, value]) => wild.test(want) && compileGlob(want).matches(value))
    if (meant !== undefined)
      return 'under StringEquals a * or ? is a letter like any other: StringLike takes it as a wildcard'
    const alike = compared.find(([want, value]) => want.toLowerCase() === value.toLowerCase())
    if (alike !== undefined) return 'they differ in capital and small letters only, and case counts'
  }
  if (plain === 'StringLike') {
    const alike = compared.find(([want, value]) => compileGlob(want.toLowerCase()).matches(value.toLowerCase()))
    if (alike !== undefined) return 'they differ in capital and small letters only, and case counts'
  }
  return undefined
}
