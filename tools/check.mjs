// `npm test`: everything that must hold, in one go. A failing stage does not hide the later ones; the last line is
// `N passed, N failed`, where every test counts for itself and every other stage for one. Stages in one lane run one after
// the other, lanes of one step side by side: those that print nothing until they end, and need one core each.
import { runCommand, runTurbo } from './run-command.mjs'
import { runTests } from './run-tests.mjs'
import { buildStamp, noteBuild } from './source-stamp.mjs'

const coverage = process.env.LAKE_COVERAGE === '1'
const requireTools = process.env.LAKE_REQUIRE_TOOLS === '1'

const steps = [
  [[{ name: 'build', run: build }]],
  [[{ name: 'typecheck', run: () => runCommand('tsc', []) }]],
  [[{ name: 'unit tests', run: () => runTests('!checks', { coverage }) }]],
  [
    [{ name: 'lint', run: () => runCommand('eslint', ['.']) }],
    [
      { name: 'exports', run: () => runTurbo('exports') },
      { name: 'format', run: () => runCommand('prettier', ['--check', '--log-level=warn', '.']) },
      { name: 'unused code', run: () => runCommand('knip', ['--no-progress', '--no-config-hints']) },
    ],
  ],
  [[{ name: 'repository', run: () => runTests('checks') }]],
]

const lines = []
const failures = []
const skipped = []
let passed = 0
for (const lanes of steps) {
  await Promise.all(
    lanes.map(async (lane) => {
      for (const stage of lane) await runStage(stage)
    }),
  )
}

console.log(['', ...lines].join('\n'))
if (failures.length > 0) console.log(['', 'Failed:', ...failures.map((name) => `  ${name}`)].join('\n'))
if (skipped.length > 0)
  console.log(['', 'Skipped:', ...skipped.map(({ name, reason }) => `  ${name}: ${reason}`)].join('\n'))
console.log(`\n${passed} passed, ${failures.length} failed`)
process.exitCode = failures.length === 0 ? 0 : 1

async function runStage({ name, run }) {
  const started = performance.now()
  const outcome = await run()
  const seconds = (performance.now() - started) / 1000
  const result = 'skipped' in outcome ? ofTests(outcome) : ofStage(name, outcome)
  passed += result.passed
  failures.push(...result.failed)
  skipped.push(...result.skipped)
  const verdict = result.failed.length === 0 ? 'ok' : 'FAILED'
  const line = `${verdict.padEnd(6)}  ${name.padEnd(12)} ${seconds.toFixed(1).padStart(6)} s  ${result.note}`.trimEnd()
  lines.push(line)
  console.log(line)
}

async function build() {
  const stamp = buildStamp()
  const result = await runTurbo('build')
  if (result.ok) noteBuild(stamp)
  return result
}

function ofStage(name, { ok, output, note = '' }) {
  if (!ok) console.log(output)
  return { passed: ok ? 1 : 0, failed: ok ? [] : [`${name}: ${note}`.replace(/: $/, '')], skipped: [], note }
}

function ofTests({ passed, failed, skipped }) {
  // A test that lacks an external program says `needs tool NAME: …` as its reason to skip.
  const lacking = requireTools ? skipped.filter(({ reason }) => reason.startsWith('needs tool ')) : []
  const note = `${passed} passed, ${failed.length} failed, ${skipped.length} skipped`
  return { passed, failed: [...failed, ...lacking.map(({ name, reason }) => `${name}: ${reason}`)], skipped, note }
}
