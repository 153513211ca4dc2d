// `pnpm build`: builds every package, says so in one line, and shows the log only of what failed.
import { runTurbo } from './run-command.mjs'
import { buildStamp, noteBuild } from './source-stamp.mjs'

const started = performance.now()
const stamp = buildStamp()
const { ok, output, note } = await runTurbo('build')
if (ok) {
  noteBuild(stamp)
  console.error(`Built in ${((performance.now() - started) / 1000).toFixed(1)} s (${note}).`)
} else {
  console.error(output)
  process.exitCode = 1
}
