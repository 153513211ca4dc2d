// Tells without reading a file whether sources changed: a stamp is a hash of their names, sizes and times.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the checkout. */
export const root = fileURLToPath(new URL('../', import.meta.url))

const SHARED = [
  'package.json',
  'pnpm-lock.yaml',
  'tsconfig.base.json',
  'tsup.command.config.ts',
  'tsup.config.ts',
  'tsup.thread.config.ts',
  'turbo.json',
]
const buildNote = join(root, 'node_modules/.cache/lake/build')

/** What a build depends on. */
export function buildStamp() {
  return stampOf([...SHARED, ...filesUnder('tools/esbuild'), ...packageFiles((path) => !/\.test(-d)?\.ts$/.test(path))])
}

/** What the unit tests and their coverage depend on. */
export function testStamp() {
  return stampOf([...SHARED, 'vitest.config.ts', ...packageFiles(() => true), ...filesUnder('fixtures')])
}

/** True when every package was built from the sources as they are now. */
export function buildIsCurrent() {
  if (!existsSync(buildNote) || readFileSync(buildNote, 'utf8') !== buildStamp()) return false
  return packageFolders().every((folder) => existsSync(join(root, folder, 'dist/index.js')))
}

/** Remembers that the sources of `stamp` are built. Take the stamp before the build starts. */
export function noteBuild(stamp) {
  mkdirSync(dirname(buildNote), { recursive: true })
  writeFileSync(buildNote, stamp)
}

function stampOf(paths) {
  const hash = createHash('sha256')
  for (const path of paths.toSorted()) {
    const { size, mtimeMs } = statSync(join(root, path))
    hash.update(`${path} ${size} ${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

function packageFiles(keep) {
  return packageFolders().flatMap((folder) => {
    const configs = readdirSync(join(root, folder)).filter((name) => /\.(json|ts)$/.test(name))
    return [...configs.map((name) => join(folder, name)), ...filesUnder(join(folder, 'src')).filter(keep)]
  })
}

function packageFolders() {
  const folders = readdirSync(join(root, 'packages')).map((name) => join('packages', name))
  return folders.filter((folder) => existsSync(join(root, folder, 'package.json')))
}

function filesUnder(folder) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true })
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesUnder(path) : [path]
  })
}
