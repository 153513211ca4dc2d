// `npm run coverage`: the unit tests under coverage, held against the limits in vitest.config.ts. When `npm test` has
// just done that on exactly these files (LAKE_COVERAGE=1), its result is shown again instead of running them twice.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { coverageIsHeld, runTests } from './run-tests.mjs'
import { root } from './source-stamp.mjs'

if (coverageIsHeld()) {
  console.log('Measured by the last test run, and no file has changed since.')
} else {
  const { failed } = await runTests('!checks', { coverage: true })
  if (failed.length > 0) {
    for (const name of failed) console.error(`failed: ${name}`)
    process.exit(1)
  }
}
console.log(readFileSync(join(root, 'coverage/coverage.txt'), 'utf8'))
