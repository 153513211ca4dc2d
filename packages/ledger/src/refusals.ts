import {
  canonicalJson,
  collectBytes,
  type DatasetId,
  formatDatasetId,
  LakeError,
  type ObjectStore,
  refusalKey,
} from '@lake/core'
import * as z from 'zod'

/** A stretch of missing rows that a source was asked for and did not have. */
export interface Refusal {
  /** Who was asked: `rest`. */
  readonly source: string
  /** The stretch, closed-open, epoch microseconds UTC. */
  readonly from: number
  readonly to: number
  /** What the answer rests on: when this changes, asking again is worth it. */
  readonly evidence: string
  readonly askedAt: number
}

const refusal: z.ZodType<Refusal> = z.strictObject({
  source: z.string().min(1),
  from: z.int(),
  to: z.int(),
  evidence: z.string(),
  askedAt: z.int(),
})

const refusalFile = z.strictObject({ format: z.literal(1), dataset: z.string(), refusals: z.array(refusal) })

/** Several runs may record at once; each conflict means that another one got through. */
const MAXIMUM_ATTEMPTS = 20

/**
 * What sources refused of a dataset, in order of time; empty when they were never asked.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when it cannot be read.
 */
export async function readRefusals(store: ObjectStore, dataset: DatasetId): Promise<readonly Refusal[]> {
  return (await readStored(store, dataset)).refusals
}

/**
 * Remembers refusals, so that nobody asks twice for what does not exist. The newest word about a stretch replaces
 * the words before it, whatever evidence they had.
 *
 * @throws {@link LakeError} `CONFLICT` when other writers got in between twenty times.
 */
export async function recordRefusals(
  store: ObjectStore,
  dataset: DatasetId,
  refusals: readonly Refusal[],
): Promise<void> {
  if (refusals.length === 0) return
  for (let attempt = 1; ; attempt++) {
    const current = await readStored(store, dataset)
    const nameOf = ({ source, from, to }: Refusal): string => `${source} ${from} ${to}`
    const byName = new Map([...current.refusals, ...refusals].map((one) => [nameOf(one), one]))
    const merged = [...byName.values()].sort((a, b) => a.from - b.from || a.to - b.to || (a.source < b.source ? -1 : 1))
    const text = canonicalJson({ format: 1, dataset: formatDatasetId(dataset), refusals: merged }, 1)
    const condition = current.etag === undefined ? { ifAbsent: true } : { ifMatch: current.etag }
    try {
      await store.put(refusalKey(dataset), new TextEncoder().encode(`${text}\n`), condition)
      return
    } catch (error) {
      if (!LakeError.is(error) || error.code !== 'CONFLICT' || attempt === MAXIMUM_ATTEMPTS) throw error
    }
  }
}

async function readStored(
  store: ObjectStore,
  dataset: DatasetId,
): Promise<{ readonly refusals: readonly Refusal[]; readonly etag?: string }> {
  const key = refusalKey(dataset)
  try {
    const { info, body } = await store.get(key)
    const value: unknown = JSON.parse(new TextDecoder().decode(await collectBytes(body)))
    return { refusals: refusalFile.parse(value).refusals, etag: info.etag }
  } catch (error) {
    if (LakeError.is(error) && error.code === 'NOT_FOUND') return { refusals: [] }
    if (LakeError.is(error)) throw error
    const message = `The refusals ${key} cannot be read. Nothing was changed. Delete the file: the next heal asks again.`
    throw new LakeError('CORRUPT_LAKE', message, { cause: error, details: { key } })
  }
}
