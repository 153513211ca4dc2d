import { type DatasetId, failedMonthsKey, formatDatasetId, type ObjectStore } from '@lake/core'
import * as z from 'zod'
import { changeDocument, readDocument, type StoredDocument } from './stored-document.ts'

/** A month of a dataset that a run could not bring in. */
export interface FailedMonth {
  /** `YYYY-MM` */
  readonly month: string
  /** The code and the message of the error. */
  readonly code: string
  readonly message: string
  /** When it failed so for the first time, epoch microseconds UTC. */
  readonly failedAt: number
}

const failedMonth: z.ZodType<FailedMonth> = z.strictObject({
  month: z.string().regex(/^\d{4}-\d\d$/),
  code: z.string().min(1),
  message: z.string(),
  failedAt: z.int(),
})

const content = z.strictObject({ format: z.literal(1), dataset: z.string(), months: z.array(failedMonth) })

/**
 * The months of a dataset that the last run over them could not bring in, in order of time; empty when there is none.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when they cannot be read.
 */
export async function readFailedMonths(store: ObjectStore, dataset: DatasetId): Promise<readonly FailedMonth[]> {
  return (await readDocument(store, documentOf(dataset))).value
}

/**
 * Remembers which months a run could not bring in, and forgets those that it could. A month that fails as it did
 * before keeps the time of the first failure. Writes nothing when nothing differs.
 *
 * @param run the months that failed, and those that did not
 * @throws {@link LakeError} `CONFLICT` when other writers got in between twenty times.
 */
export async function recordFailedMonths(
  store: ObjectStore,
  dataset: DatasetId,
  run: { readonly failed: readonly FailedMonth[]; readonly done: readonly string[] },
): Promise<void> {
  const touched = new Set([...run.done, ...run.failed.map(({ month }) => month)])
  await changeDocument(store, documentOf(dataset), (known) =>
    [
      ...known.filter(({ month }) => !touched.has(month)),
      ...run.failed.map((failure) => known.find((one) => isSameFailure(one, failure)) ?? failure),
    ].sort((a, b) => (a.month < b.month ? -1 : 1)),
  )
}

function isSameFailure(a: FailedMonth, b: FailedMonth): boolean {
  return a.month === b.month && a.code === b.code && a.message === b.message
}

function documentOf(dataset: DatasetId): StoredDocument<readonly FailedMonth[]> {
  return {
    key: failedMonthsKey(dataset),
    absent: [],
    parse: (value) => content.parse(value).months,
    format: (months) => ({ format: 1, dataset: formatDatasetId(dataset), months }),
    name: 'The failures',
    remedy: 'Delete the file: it only explains gaps, and the next run writes it again.',
  }
}
