// `npm run test:nightly`: the unit tests in their long variants, for a machine that has a night: a hundred moments to die
// at instead of fifteen, ten times the damaged files, and another seed each time. What fails is run again with the seed
// that is printed: LAKE_NIGHTLY=1 LAKE_SEED=… npx vitest run --project …
import { randomInt } from 'node:crypto'
import { runTests } from './run-tests.mjs'

process.env.LAKE_NIGHTLY = '1'
process.env.LAKE_SEED ??= String(randomInt(1, 2 ** 31))
console.log(`LAKE_SEED=${process.env.LAKE_SEED}`)
const { passed, failed, skipped } = await runTests('!checks')
for (const { name, reason } of skipped) console.log(`skipped: ${name}: ${reason}`)
for (const name of failed) console.log(`failed: ${name}`)
console.log(`\n${passed} passed, ${failed.length} failed`)
process.exitCode = failed.length === 0 ? 0 : 1
