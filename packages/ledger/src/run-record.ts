import { randomUUID } from 'node:crypto'
import { canonicalJson, collectBytes, formatInstant, LakeError, type ObjectStore } from '@lake/core'

/**
 * A name for a run. Names sort by the time of the start.
 *
 * @param startedAt epoch microseconds UTC
 *
 * @example
 * runName(parseInstant('2024-01-01')) // '2024-01-01T00-00-00Z-1b9d6bcd'
 */
export function runName(startedAt: number): string {
  return `${formatInstant(startedAt).replaceAll(':', '-')}-${randomUUID().slice(0, 8)}`
}

/** Keeps the report of a run under `_lake/runs/`; gives its key. */
export async function recordRun(
  store: ObjectStore,
  run: string,
  report: Readonly<Record<string, unknown>>,
): Promise<string> {
  const key = runKey(run)
  await store.put(key, new TextEncoder().encode(`${canonicalJson(report, 1)}\n`), { ifAbsent: true })
  return key
}

/**
 * What a run reported; `undefined` when it left no report, as one that was killed does.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when the report is no JSON.
 */
export async function readRun(store: ObjectStore, run: string): Promise<unknown> {
  const key = runKey(run)
  try {
    return JSON.parse(new TextDecoder().decode(await collectBytes((await store.get(key)).body)))
  } catch (error) {
    if (LakeError.is(error) && error.code === 'NOT_FOUND') return undefined
    if (LakeError.is(error)) throw error
    throw new LakeError('CORRUPT_LAKE', `The report of a run, ${key}, cannot be read. Nothing needs it: delete it.`, {
      cause: error,
      details: { key },
    })
  }
}

function runKey(run: string): string {
  return `_lake/runs/${run}.json`
}
