import { parseDatasetId } from '@lake/core'
import type { HealedDataset, UnaskedGaps } from './heal-dataset.ts'

/** Gaps that a venue may fill and that a job did not ask it for. */
export interface UnaskedOfVenue extends UnaskedGaps {
  readonly exchange: string
}

/** What was left of all datasets, by venue and reason. */
export function unaskedOfVenues(healed: readonly Pick<HealedDataset, 'id' | 'unasked'>[]): UnaskedOfVenue[] {
  const venues = new Map<string, UnaskedOfVenue>()
  for (const { id, unasked } of healed) {
    if (unasked === null) continue
    const { exchange } = parseDatasetId(id)
    const name = `${exchange} ${unasked.reason}`
    const { gaps, rows } = venues.get(name) ?? { gaps: 0, rows: 0 }
    venues.set(name, { exchange, ...unasked, gaps: gaps + unasked.gaps, rows: rows + unasked.rows })
  }
  return [...venues.values()]
}
