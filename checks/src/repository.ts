import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/** The folder of the checkout. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

const versions = z.record(z.string(), z.string()).default({})

const manifest = z.object({
  name: z.string(),
  version: z.string(),
  private: z.boolean().default(false),
  scripts: versions,
  bin: versions,
  exports: z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())])).default({}),
  dependencies: versions,
  devDependencies: versions,
  peerDependencies: versions,
})

export type Manifest = z.infer<typeof manifest>

/** A folder of the workspace with its package.json. */
export interface Workspace {
  /** Relative to the root, as in `packages/core`. */
  readonly folder: string
  readonly manifest: Manifest
}

/** The workspaces directly below a folder of the root, in the order of their names; none when it does not exist. */
export function workspacesIn(folder: string): Workspace[] {
  const path = join(root, folder)
  if (!existsSync(path)) return []
  const names = readdirSync(path).filter((name) => existsSync(join(path, name, 'package.json')))
  return names.sort().map((name) => readWorkspace(join(folder, name)))
}

/** The workspace in a folder, `.` for the root. */
export function readWorkspace(folder: string): Workspace {
  return { folder, manifest: manifest.parse(JSON.parse(readText(join(folder, 'package.json')))) }
}

/** The text of a file, by its path from the root. */
export function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** Every file below a folder that git would not ignore, by its path from the root. */
export function filesUnder(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true })
  return entries
    .filter((entry) => !isIgnored(entry.name))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? filesUnder(path) : [path]
    })
}

// The patterns of .gitignore are plain names, with or without `*.` in front: no git is needed to follow them.
const ignored = [
  '.git',
  ...readText('.gitignore')
    .split('\n')
    .filter((line) => line !== ''),
]

function isIgnored(name: string): boolean {
  return ignored.some((pattern) => (pattern.startsWith('*') ? name.endsWith(pattern.slice(1)) : name === pattern))
}
