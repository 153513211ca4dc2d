import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ObjectStore, parseInstant } from '@lake/core'
import { defineLake, type Lake } from '../index.ts'

/** The lake of crash tests: on a fixed day, so that nothing differs between two processes but what they did. */
export function crashLake(store: ObjectStore, venueUrl?: string): Lake {
  const budgetFolder = join(tmpdir(), `lake-crash-budget-${process.pid}`)
  const venues = venueUrl === undefined ? {} : { urls: { binance: venueUrl }, budgetFolder }
  return defineLake({ lake: store, venues, now: () => parseInstant('2020-01-10') })
}
