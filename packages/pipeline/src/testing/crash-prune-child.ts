/**
 * A prune in a process of its own that kills itself, as `kill -9` does, at a chosen moment. The newest version of each
 * partition stays.
 *
 * Arguments: the lake's folder, and the number of the moment; with `never` the prune goes through, and prints how many
 * moments there were.
 */
import { fileStore } from '@lake/storage'
import { pruneLake } from '../index.ts'
import { crashLake } from './crash-lake.ts'
import { mortalStore } from './mortal-store.ts'

const [lakeFolder = '', killAt = 'never'] = process.argv.slice(2)
const { store, moments } = mortalStore(fileStore({ root: lakeFolder }), killAt)
for await (const _ of pruneLake(crashLake(store), { keep: 1 })) continue
process.stdout.write(String(moments()))
