import { type DatasetId, formatDatasetId, type ObjectStore, refusalKey } from '@lake/core'
import * as z from 'zod'
import { changeDocument, readDocument, type StoredDocument } from './stored-document.ts'

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

/**
 * What sources refused of a dataset, in order of time; empty when they were never asked.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when it cannot be read.
 */
export async function readRefusals(store: ObjectStore, dataset: DatasetId): Promise<readonly Refusal[]> {
  return (await readDocument(store, documentOf(dataset))).value
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
  await changeDocument(store, documentOf(dataset), (known) => {
    const byName = new Map([...known, ...refusals].map((one) => [nameOf(one), one]))
    return [...byName.values()].sort((a, b) => a.from - b.from || a.to - b.to || (a.source < b.source ? -1 : 1))
  })
}

function nameOf({ source, from, to }: Refusal): string {
  return `${source} ${from} ${to}`
}

function documentOf(dataset: DatasetId): StoredDocument<readonly Refusal[]> {
  return {
    key: refusalKey(dataset),
    absent: [],
    parse: (value) => refusalFile.parse(value).refusals,
    format: (refusals) => ({ format: 1, dataset: formatDatasetId(dataset), refusals }),
    name: 'The refusals',
    remedy: 'Delete the file: the next heal asks again.',
  }
}
