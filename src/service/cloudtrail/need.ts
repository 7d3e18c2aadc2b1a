import type { Need } from '../../access/need.ts'

/** QUIRK: trail-names-no-resource. What is about no trail is refused without a resource, even without the `*` that others name. */
export const needOf = (action: string): readonly Need[] => [{ action: `cloudtrail:${action}`, resource: '*', noun: '' }]
