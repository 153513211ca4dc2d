import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleProgram } from '@lake/core/testing'

/**
 * The `lake` program out of the sources, as one file that Node runs as it is, for tests that need a process of its own.
 *
 * @returns where it lies in the folder
 */
export async function buildLake(folder: string): Promise<string> {
  const program = join(folder, 'bin/lake.mjs')
  await mkdir(join(folder, 'bin'), { recursive: true })
  // The command reads its version from there.
  await writeFile(join(folder, 'package.json'), '{ "version": "0.0.0" }')
  await bundleProgram({
    ...{ program: new URL('./lake-program.ts', import.meta.url), outfile: program },
    // Binary code stays where it is installed.
    installed: { names: /^@duckdb\//, from: new URL('../../../catalog/package.json', import.meta.url) },
  })
  return program
}
