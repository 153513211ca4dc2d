import { type DatasetId, failedMonthsKey, formatDatasetId, type ObjectStore } from '@lake/core'
import * as z from 'zod'
import { changeDocument, readDocument, type StoredDocument } from './stored-document.ts'

/** A month of a dataset that a run could not bring in, or one file of it. */
export interface FailedMonth {
  /** `YYYY-MM` */
  readonly month: string
  /** The key at the source, when it is this file alone that was refused, and the others of the month were taken. */
  readonly file?: string | undefined
  /** The code and the message of the error. */
  readonly code: string
  readonly message: string
  /** When it failed so for the first time, epoch microseconds UTC. */
  readonly failedAt: number
}

const failedMonth: z.ZodType<FailedMonth> = z.strictObject({
  month: z.string().regex(/^\d{4}-\d\d$/),
  file: z.string().min(1).optional(),
  code: z.string().min(1),
  message: z.string(),
  failedAt: z.int(),
})

const content = z.strictObject({ format: z.literal(1), dataset: z.string(), months: z.array(failedMonth) })

/**
 * The months of a dataset, and single files, that the last run over them could not bring in, in order of time; empty
 * when there is none.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when they cannot be read.
 */
export async function readFailedMonths(store: ObjectStore, dataset: DatasetId): Promise<readonly FailedMonth[]> {
  return (await readDocument(store, documentOf(dataset))).value
}

/**
 * Remembers what a run could not bring in of months, and forgets what it could. What fails as it did before keeps the
 * time of the first failure. Writes nothing when nothing differs.
 *
 * @param run what failed, the months that did not, and which failures of these the run has not looked at
 * @throws {@link LakeError} `CONFLICT` when other writers got in between twenty times.
 */
export async function recordFailedMonths(
  store: ObjectStore,
  dataset: DatasetId,
  run: {
    readonly failed: readonly FailedMonth[]
    readonly done: readonly string[]
    readonly isOutside?: ((failure: FailedMonth) => boolean) | undefined
  },
): Promise<void> {
  const { isOutside = () => false } = run
  const touched = new Set([...run.done, ...run.failed.map(({ month }) => month)])
  await changeDocument(store, documentOf(dataset), (known) =>
    [
      ...known.filter((failure) => !touched.has(failure.month) || isOutside(failure)),
      ...run.failed.map((failure) => known.find((one) => isSameFailure(one, failure)) ?? failure),
    ].sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)),
  )
}

function isSameFailure(a: FailedMonth, b: FailedMonth): boolean {
  return a.month === b.month && a.file === b.file && a.code === b.code && a.message === b.message
}

function orderOf({ month, file = '' }: FailedMonth): string {
  return `${month} ${file}`
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
