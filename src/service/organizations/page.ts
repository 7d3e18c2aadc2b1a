import { page } from '../iam/page.ts'
import type { Failing } from '../operation.ts'
import { invalid } from './fault.ts'

interface Asked {
  readonly NextToken?: string | undefined
  readonly MaxResults?: number | undefined
}

/** What the model lets a page have at the most is what it has where nobody says. */
const resultsByDefault = 20

/**
 * One page of a list in the order of its keys, as Organizations gives it: only where there is more is there a token. `list` says which
 * list this is and whose: a token is good for its own list only.
 */
export function paged<T>(
  scene: Failing<'InvalidInputException'>,
  { NextToken, MaxResults }: Asked,
  list: string,
  items: readonly T[],
  keyOf: (item: T, index: number) => string,
): { readonly shown: readonly T[]; readonly end: { readonly NextToken?: string } } {
  const fail = () =>
    invalid(
      scene,
      'INVALID_NEXT_TOKEN',
      'You specified an invalid value for nextToken. You must get the value from the response to a previous call to the API.',
    )
  const { shown, end } = page(
    { fail },
    { Marker: NextToken, MaxItems: MaxResults ?? resultsByDefault },
    list,
    items,
    keyOf,
  )
  return { shown, end: end.Marker === undefined ? {} : { NextToken: end.Marker } }
}
