import type { BuiltMonth } from './build-silver-month.ts'

/** A month that was healed counts once: as it is now, with all that was written. In order of time. */
export function withHealed(built: readonly BuiltMonth[], healed: readonly BuiltMonth[]): BuiltMonth[] {
  const months = new Map<string | undefined, BuiltMonth>()
  for (const month of [...built, ...healed]) {
    const before = months.get(month.manifest?.month)
    const written = month.written + (before?.written ?? 0)
    const blocked = month.blocked + (before?.blocked ?? 0)
    const restated = [...(before?.restated ?? []), ...month.restated]
    const skipped = before?.skipped ?? month.skipped
    months.set(month.manifest?.month, { ...month, written, blocked, skipped, restated })
  }
  return [...months.values()].sort((a, b) => ((a.manifest?.month ?? '') < (b.manifest?.month ?? '') ? -1 : 1))
}
