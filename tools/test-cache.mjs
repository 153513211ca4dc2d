// Gives tests, and the programs that they start, a cache of their own. Budgets of venues that nobody named a folder for
// are kept there, and would otherwise lie beside those of the real venues in the user's own.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export async function setup() {
  const folder = await mkdtemp(join(tmpdir(), 'lake-test-cache-'))
  process.env.XDG_CACHE_HOME = folder
  return () => rm(folder, { recursive: true, force: true })
}
