import type { Position } from '../../audit/lookup.ts'

/** Where a page of the trail ended, as a text: a time and a place, or a time before which it ended. */
export const markerAt = ({ at, sequence }: Position): string => `${at}-${Number.isFinite(sequence) ? sequence : ''}`

export function positionIn(marker: string): Position {
  const [at, sequence = ''] = marker.split('-')
  return { at: Number(at), sequence: sequence === '' ? Number.POSITIVE_INFINITY : Number(sequence) }
}
