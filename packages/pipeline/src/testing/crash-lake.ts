import { type ObjectStore, parseInstant } from '@lake/core'
import { defineLake, type Lake } from '../index.ts'

/** A venue of crash tests, and where its budgets are kept. */
export interface CrashVenue {
  readonly url: string
  readonly budgetFolder: string
}

/** The lake of crash tests: on a fixed day, so that nothing differs between two processes but what they did. */
export function crashLake(store: ObjectStore, venue?: CrashVenue): Lake {
  const venues = venue === undefined ? {} : { urls: { binance: venue.url }, budgetFolder: venue.budgetFolder }
  return defineLake({ lake: store, venues, now: () => parseInstant('2020-01-10') })
}
