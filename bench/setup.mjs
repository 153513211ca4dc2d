// `npm run bench:setup`: a Python environment with the peers in .tools/bench-venv, made with Python's own tools.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { python } from './python.mjs'

const venv = fileURLToPath(new URL('../.tools/bench-venv', import.meta.url))
const requirements = fileURLToPath(new URL('peers/requirements.txt', import.meta.url))

run('python3', '-m', 'venv', venv)
run(python, '-m', 'pip', 'install', '--quiet', '--requirement', requirements)
console.log(`The peers are in ${venv}.`)

function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' })
  if (error !== undefined) console.error(`${command} cannot be started: ${error.message}`)
  if (status !== 0) process.exit(1)
}
