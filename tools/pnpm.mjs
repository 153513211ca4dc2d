// Runs pnpm at the version that package.json pins, so that a fresh clone needs nothing but Node and npm.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'

const root = new URL('../', import.meta.url)
const { packageManager } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))

function pnpm(...args) {
  const { status } = spawnSync('npx', ['--yes', '--loglevel=error', packageManager, ...args], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0) process.exit(status ?? 1)
}

const installed = new URL('node_modules/.modules.yaml', root)
const lockfile = new URL('pnpm-lock.yaml', root)
const stale = !existsSync(installed) || statSync(installed).mtimeMs < statSync(lockfile).mtimeMs
if (stale) pnpm('install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=warn')
pnpm(...process.argv.slice(2))
