import { DAY_MICROS, type DatasetId, parseInstant, readObject, type ObjectStore } from '@lake/core'
import { rowsFromArchive, startVenue, type Venue } from '@lake/ingest-ccxt/testing'

const MINUTE = 60_000_000

/**
 * A venue on this machine that replays a day out of a real archive file, the way venues behave: some of its rows come
 * twice, and some are not there when it is asked first.
 *
 * @param key the archive file
 * @param day its first instant
 */
export async function replayVenue(source: ObjectStore, key: string, dataset: DatasetId, day: number): Promise<Venue> {
  const noon = day + DAY_MICROS / 2
  return startVenue({
    rows: rowsFromArchive(await readObject(source, key), dataset),
    doubled: [{ from: day, to: day + 10 * MINUTE }],
    late: [{ from: noon, to: noon + 5 * MINUTE, after: 1 }],
    now: () => parseInstant('2020-01-04'),
  })
}
