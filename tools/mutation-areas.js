/**
 * The parts of the source whose tests are tested, each with the tests that hold it; `stryker.config.js` and
 * `vitest.mutation.config.ts` both ask here. Left out are tests that only repeat others over many random worlds, through a whole
 * authority or with another program: a mutant is to be killed by a reason, and each of thousands must be quick.
 */
const areas = {
  /** How a request is decided. */
  law: {
    mutate: ['src/policy/**/*.ts', 'src/access/**/*.ts', 'src/base/json.ts'],
    tests: [
      'test/base/json.test.ts',
      'test/policy/**/*.test.ts',
      'test/access/**/*.test.ts',
      'test/cases/engine.test.ts',
    ],
    leftOut: ['test/policy/laws*.test.ts', 'test/policy/worst*.test.ts', 'test/policy/library*.test.ts'],
    least: 90,
  },
  /** Whether a signature is good. */
  signature: {
    mutate: ['sigv4', 'canonical', 'presented', 'scope', 'form', 'http'].map((name) => `src/wire/${name}.ts`),
    tests: ['test/wire/*.test.ts'],
    leftOut: ['test/wire/sdk.test.ts', 'test/wire/xml.test.ts'],
    least: 90,
  },
  /** What is sealed, signed and believed: sessions, secrets at rest, tokens and assertions of others. */
  token: {
    mutate: [
      'src/token/**/*.ts',
      // What identity providers of our own say is held by another program, and a picture by who reads it.
      '!src/token/{qr,saml-issue,self-signed}.ts',
    ],
    tests: ['test/token/*.test.ts'],
    leftOut: ['test/token/qr.test.ts', 'test/token/xmlsec.test.ts'],
    least: 85,
  },
  /** Who signs a request, and what is read of the state about them. */
  caller: {
    mutate: ['src/gate/authenticate.ts', 'src/state/unread.ts'],
    tests: ['test/gate/prove.test.ts', 'test/state/state.test.ts'],
    leftOut: [],
    least: 90,
  },
  /** What the trail says, how it is chained and sealed, and whether it is what was written. */
  trail: {
    mutate: [
      'block',
      'chain',
      'chain-index',
      'chain-lines',
      'chain-walk',
      'digest',
      'digest-check',
      'event',
      'evidence',
      'feed',
      'identity',
      'key',
      'line',
      'minted',
      'redact',
      'run',
      'verify',
    ].map((name) => `src/audit/${name}.ts`),
    tests: ['block', 'chain', 'event', 'redact', 'verify'].map((name) => `test/audit/${name}.test.ts`),
    leftOut: [],
    least: 85,
  },
  /** What of the trail is signed. */
  sealing: {
    mutate: ['sealer', 'desk'].map((name) => `src/audit/${name}.ts`),
    tests: ['test/audit/sealer.test.ts'],
    leftOut: [],
    least: 90,
  },
  /** How records get into the trail. */
  writing: {
    mutate: ['src/audit/writer.ts'],
    tests: ['test/audit/writer.test.ts'],
    leftOut: [],
    least: 75,
  },
  /** What records are found by. */
  index: {
    mutate: ['index-file', 'indexer', 'varint'].map((name) => `src/audit/${name}.ts`),
    tests: ['index-file', 'indexer'].map((name) => `test/audit/${name}.test.ts`),
    leftOut: [],
    least: 90,
  },
  /** What is exported of it, and whether that is what was exported. */
  export: {
    mutate: ['export-check', 'export-digest', 'export-name'].map((name) => `src/audit/${name}.ts`),
    tests: ['test/audit/export-digest.test.ts'],
    leftOut: [],
    least: 90,
  },
}

const names = Object.keys(areas)

/** The area that the environment names; the law where it names none. */
export function chosenArea() {
  const name = process.env.MUTATION_AREA ?? 'law'
  if (!names.includes(name)) throw new Error(`There is no area '${name}'. There are: ${names.join(', ')}.`)
  return { name, ...areas[name] }
}

export const isArea = (name) => names.includes(name)
