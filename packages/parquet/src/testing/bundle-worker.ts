import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { bundleProgram } from '@lake/core/testing'

/** Bundles what threads run, which cannot run sources, into a new folder; whoever asked removes it. */
export async function bundleWorker(): Promise<{ readonly folder: string; readonly worker: URL }> {
  // Beside the sources, so that what is not bundled is found.
  const folder = mkdtempSync(join(fileURLToPath(new URL('../../node_modules/', import.meta.url)), '.worker-'))
  const outfile = join(folder, 'column-worker.mjs')
  const program = new URL('../column-worker.ts', import.meta.url)
  await bundleProgram({ program, outfile, external: ['apache-arrow'] })
  return { folder, worker: pathToFileURL(outfile) }
}
