import { LakeError } from '@lake/core'
import { parseVenueUrls, type RunRequest, type VenueConfig } from '@lake/pipeline'
import { parseCount } from './parse-options.ts'
import type { HealingOptions, VenueOptions } from './venue-options.ts'

/** What these options ask for. */
export function healingOf({ heal, healBudget }: HealingOptions): Pick<RunRequest, 'heal' | 'healBudget'> {
  return { heal, healBudget: healBudget === undefined ? undefined : parseCount('--heal-budget', healBudget) }
}

/**
 * How the venues are reached.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when an option is no `exchange=url`, or no part of a budget.
 */
export function venueAccess({ venueUrl = [], budgetShare }: VenueOptions): VenueConfig {
  const urls = parseVenueUrls(venueUrl, '--venue-url')
  return { urls, share: budgetShare === undefined ? undefined : shareOf(budgetShare) }
}

function shareOf(text: string): number {
  const share = Number(text)
  if (share > 0 && share <= 1) return share
  throw new LakeError('BAD_REQUEST', `--budget-share is above 0 and at most 1, as in 0.5, not '${text}'.`, {
    details: { option: '--budget-share', value: text },
  })
}
