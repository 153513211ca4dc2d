import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Gives the tests a cache of their own: commands without a folder for budgets keep them there, beside the user's. */
export async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'lake-test-cache-'))
  process.env['XDG_CACHE_HOME'] = folder
  return async () => rm(folder, { recursive: true, force: true })
}
