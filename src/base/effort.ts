/** Counts the steps of matching, so that a test can hold it to its promise without a clock. */
export const effort = { steps: 0 }
