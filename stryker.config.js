import { chosenArea } from './tools/mutation-areas.js'

const { name, mutate, least } = chosenArea()

export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'vitest.mutation.config.ts' },
  mutate,
  ignorePatterns: ['dist', 'build', '.rolecall', 'coverage', 'reports', 'bench', 'docs', 'examples'],
  coverageAnalysis: 'perTest',
  ignoreStatic: true,
  tsconfigFile: 'stryker.needs-no-tsconfig.json',
  concurrency: 2,
  timeoutMS: 10_000,
  reporters: ['progress', 'clear-text', 'json', 'html'],
  clearTextReporter: { allowColor: false, reportTests: false, logTests: false },
  htmlReporter: { fileName: `reports/mutation/${name}/index.html` },
  jsonReporter: { fileName: `reports/mutation/${name}/report.json` },
  thresholds: { high: 95, low: least, break: least },
}
