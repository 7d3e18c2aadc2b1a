/** A value as a shell reads it back unchanged. */
export const quoted = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`

/** The same for an argument in a line that people read: quoted only where a shell would see more than a word. */
export const word = (value: string): string => (/^[\w@%+=:,./-]+$/.test(value) ? value : quoted(value))
