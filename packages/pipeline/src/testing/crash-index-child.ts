/**
 * A writer in a process of its own that kills itself, as `kill -9` does, at a chosen moment: it commits partitions of a
 * few months, and rolls up their manifests after each. Others may do the same at the same time.
 *
 * Arguments: the lake's folder, a number that its rows begin with, and the number of the moment; with `never` it goes
 * through, and prints how many moments there were.
 */
import { LakeError, parseDatasetId, silverSeries } from '@lake/core'
import { openLedger, sha256Of } from '@lake/ledger'
import { fileStore } from '@lake/storage'
import { mortalStore } from './mortal-store.ts'

const [lakeFolder = '', writer = '0', killAt = 'never'] = process.argv.slice(2)
const { store, moments } = mortalStore(fileStore({ root: lakeFolder }), killAt)
const ledger = openLedger(store)
const series = silverSeries(parseDatasetId('binance/spot/klines/BTCUSDT/1m'))

for (let round = 0; round < 12; round++) {
  const label = `2024-0${1 + (round % 4)}`
  const text = `${writer} ${round}`
  const base = await ledger.manifest(series, label)
  try {
    await ledger.commitPartition({
      ...{ series, label, base, bytes: new TextEncoder().encode(text), rows: 1, first: 1, last: 2, revision: 1 },
      ...{ span: { from: 0, to: 3 }, options: { writer, round }, inputs: [{ key: text, sha256: sha256Of(text) }] },
    })
  } catch (error) {
    // The other one was faster.
    if (!LakeError.is(error) || error.code !== 'CONFLICT') throw error
  }
  await ledger.rebuildIndex()
}
process.stdout.write(String(moments()))
