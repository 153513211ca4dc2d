import { formatInstant } from '@lake/core'
import type { BuiltMonth } from './build-silver-month.ts'
import type { BlockedReport } from './blocked-report.ts'

/** The partitions of months whose newest state is not published. */
export function blockedIn(built: readonly BuiltMonth[]): BlockedReport[] {
  const blocked = built.flatMap(({ manifest }) => manifest?.blocked ?? [])
  return blocked.map(({ label, reason, blockedAt }) => ({ label, reason, since: formatInstant(blockedAt) }))
}
