import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))

/**
 * Makes a folder's programs into one file each, as applications ship them and the threads of `lake run` are: a thread
 * that loads hundreds of modules takes longer for that than for a month of candles. Gives the folder of the bundles.
 */
export function bundle(folder, ...programs) {
  const target = join(root, 'bench/dist', folder)
  // Parts of bundles from before have other names.
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  const sources = programs.map((program) => join('bench', folder, program))
  const args = ['node_modules/tsup/dist/cli-default.js', ...sources, '--config', 'tsup.thread.config.ts', '-d', target]
  const { status, stderr } = spawnSync(process.execPath, [...args, '--silent'], { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(`The programs of bench/${folder} cannot be bundled:\n${stderr}`)
  return target
}
