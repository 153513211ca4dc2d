/**
 * A run in a process of its own that kills itself, as `kill -9` does, at a chosen moment.
 *
 * Arguments: the lake's folder, the archive's folder, and the number of the moment: each call to the lake's store is
 * one, and so is the middle of each body that is put; with `never` the run goes through, and prints how many moments
 * there were. Then the address of a venue, which is asked for the gaps of the lake instead of taking the archive, with
 * budgets in a folder beside the lake; or `certify`, and the lake is certified with what else the archive has.
 */
import { fileStore } from '@lake/storage'
import { certifyLake, healLake, runPipeline } from '../index.ts'
import { crashLake } from './crash-lake.ts'
import { mortalStore } from './mortal-store.ts'
import { SAMPLE_DATASETS } from './sample-datasets.ts'

const [lakeFolder = '', archive = '', killAt = 'never', other] = process.argv.slice(2)

const { store, moments } = mortalStore(fileStore({ root: lakeFolder }), killAt)
for (const { error } of (await work()).failures) throw error
process.stdout.write(String(moments()))

async function work(): Promise<Pick<Awaited<ReturnType<typeof runPipeline>>, 'failures'>> {
  if (other === 'certify') return certifyLake(crashLake(store), { source: archive })
  if (other !== undefined) return healLake(crashLake(store, { url: other, budgetFolder: `${lakeFolder}-budget` }))
  return runPipeline(crashLake(store), { source: archive, datasets: SAMPLE_DATASETS })
}
