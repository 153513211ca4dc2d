// `npm run -s lake -- …` and `npm start`: the lake command of this checkout, built first when its sources changed.
// Nothing but the command itself writes to stdout, so that its JSON can be piped.
import { spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildIsCurrent, root } from './source-stamp.mjs'

if (!buildIsCurrent()) {
  console.error('Installing and building what changed: a minute or more the first time …')
  const { status } = spawnSync(process.execPath, [join(root, 'tools/pnpm.mjs'), '--silent', 'build'], {
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) process.exit(1)
}

// What `npm run setup:tools` installed is found like any other program.
process.env.PATH = [join(root, '.tools/bin'), process.env.PATH].join(delimiter)

// npm moves to the root first; relative paths in the arguments start where the user stands.
const { INIT_CWD, npm_lifecycle_event: script } = process.env
if (script === 'lake' && INIT_CWD !== undefined) process.chdir(INIT_CWD)

const command = join(root, 'packages/cli/bin/lake.js')
process.argv[1] = command
await import(pathToFileURL(command).href)
