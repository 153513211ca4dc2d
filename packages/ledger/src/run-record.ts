import { randomUUID } from 'node:crypto'
import { canonicalJson, formatInstant, type ObjectStore } from '@lake/core'

/**
 * Keeps the report of a run under `_lake/runs/`; gives its key. Keys sort by the time of the start.
 *
 * @param startedAt epoch microseconds UTC
 */
export async function recordRun(
  store: ObjectStore,
  report: Readonly<Record<string, unknown>>,
  startedAt: number,
): Promise<string> {
  const key = `_lake/runs/${formatInstant(startedAt).replaceAll(':', '-')}-${randomUUID().slice(0, 8)}.json`
  await store.put(key, new TextEncoder().encode(`${canonicalJson(report, 1)}\n`), { ifAbsent: true })
  return key
}
