// Runs vitest once for all packages, in one process, and says what came out.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from './run-command.mjs'
import { root, testStamp } from './source-stamp.mjs'

/** Written after a run under coverage: the stamp of the files that it ran on, when the limits were held. */
const coverageNote = join(root, 'coverage/held')

/**
 * @typedef {object} Tally
 * @property {number} passed
 * @property {string[]} failed
 * @property {{ name: string, reason: string }[]} skipped
 */

/**
 * Runs the tests of the projects that `project` names, with vitest's own report on the way.
 *
 * @param {string} project as vitest's `--project`
 * @param {{ coverage?: boolean }} [options] also measure coverage and hold it against the limits in vitest.config.ts
 * @returns {Promise<Tally>}
 */
export async function runTests(project, { coverage = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'lake-tally-'))
  const file = join(folder, 'tally.json')
  const stamp = testStamp()
  if (coverage) rmSync(coverageNote, { force: true })
  try {
    const reporters = ['--reporter=default', '--reporter=./tools/tally-reporter.mjs']
    // Slow machines are no reason to fail, a forgotten `.only` is.
    const limits = ['--testTimeout=300000', '--allowOnly=false']
    // Vitest leaves one core to its own process, which does next to nothing while the tests run.
    const workers = `--maxWorkers=${availableParallelism()}`
    const args = ['run', '--project', project, ...reporters, ...limits, workers]
    const { ok } = await runCommand('vitest', coverage ? [...args, '--coverage'] : args, {
      stream: true,
      env: { LAKE_TALLY: file },
    })
    const tally = readTally(file)
    if (coverage && ok) noteCoverage(stamp)
    if (coverage && ok) tally.passed++
    if (!ok && tally.failed.length === 0) tally.failed.push(coverage ? 'coverage is below its limits' : 'vitest failed')
    return tally
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** True when the last run under coverage held the limits on exactly the files of now. */
export function coverageIsHeld() {
  try {
    return readFileSync(coverageNote, 'utf8') === testStamp()
  } catch {
    return false
  }
}

function noteCoverage(stamp) {
  mkdirSync(join(root, 'coverage'), { recursive: true })
  writeFileSync(coverageNote, stamp)
}

function readTally(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return { passed: 0, failed: ['vitest ended without a result'], skipped: [] }
  }
}
