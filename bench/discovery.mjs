// Discovery of a million files, and two scans of them: the first, and one where nothing has changed. Each in a process of
// its own, so that the memory is its own.
//
//   npm run build && node bench/discovery.mjs [--files N] [--rounds N]
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { files: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '3' } },
})
const script = fileURLToPath(new URL('discovery/step.mjs', import.meta.url))
const steps = ['discovery', 'plan', 'first scan', 'unchanged scan']
const results = new Map(steps.map((step) => [step, []]))
console.log(
  `${cpus().length} x ${cpus()[0].model}, Node ${process.version}, load ${loadavg()[0].toFixed(1)} before: ` +
    `${values.files} files with their CHECKSUM, 1000 datasets, the lake in a folder`,
)
for (let round = 0; round < Number(values.rounds); round++) {
  const lake = mkdtempSync(join(tmpdir(), 'lake-bench-scan-'))
  try {
    for (const step of steps) results.get(step).push(measure(step, lake))
  } finally {
    rmSync(lake, { recursive: true, force: true })
  }
}
for (const [step, rounds] of results) {
  const seconds = rounds.map((round) => round.seconds).toSorted((a, b) => a - b)
  const heap = Math.max(...rounds.map((round) => round.heapMegabytes))
  const rss = Math.max(...rounds.map((round) => round.rssMegabytes))
  console.log(
    `${step.padEnd(15)} ${seconds[seconds.length >> 1].toFixed(1).padStart(5)} s (least ${seconds[0].toFixed(1)})` +
      `  ${rounds[0].files} files, ${rounds[0].told}  at most ${heap.toFixed(0)} MB live, ${rss.toFixed(0)} MB resident above the start`,
  )
}

function measure(step, lake) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', script, step, values.files, lake], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}
