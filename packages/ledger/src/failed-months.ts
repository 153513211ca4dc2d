import {
  canonicalJson,
  collectBytes,
  type DatasetId,
  failedMonthsKey,
  formatDatasetId,
  LakeError,
  type ObjectStore,
} from '@lake/core'
import * as z from 'zod'

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

const document = z.strictObject({ format: z.literal(1), dataset: z.string(), months: z.array(failedMonth) })

/** Several runs may record at once; each conflict means that another one got through. */
const MAXIMUM_ATTEMPTS = 20

/**
 * The months of a dataset that the last run over them could not bring in, in order of time; empty when there is none.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when they cannot be read.
 */
export async function readFailedMonths(store: ObjectStore, dataset: DatasetId): Promise<readonly FailedMonth[]> {
  return (await readStored(store, dataset)).months
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
  for (let attempt = 1; ; attempt++) {
    const { months: known, etag } = await readStored(store, dataset)
    const touched = new Set([...run.done, ...run.failed.map(({ month }) => month)])
    const isAsBefore =
      ({ month, code, message }: FailedMonth) =>
      (one: FailedMonth) =>
        one.month === month && one.code === code && one.message === message
    const months = [
      ...known.filter(({ month }) => !touched.has(month)),
      ...run.failed.map((failure) => known.find(isAsBefore(failure)) ?? failure),
    ].sort((a, b) => (a.month < b.month ? -1 : 1))
    if (canonicalJson(months) === canonicalJson(known)) return
    const text = canonicalJson({ format: 1, dataset: formatDatasetId(dataset), months }, 1)
    try {
      // An empty list stays: a delete has no condition, and could take what another run recorded with it.
      const condition = etag === undefined ? { ifAbsent: true } : { ifMatch: etag }
      await store.put(failedMonthsKey(dataset), new TextEncoder().encode(`${text}\n`), condition)
      return
    } catch (error) {
      if (!LakeError.is(error) || error.code !== 'CONFLICT' || attempt === MAXIMUM_ATTEMPTS) throw error
    }
  }
}

async function readStored(
  store: ObjectStore,
  dataset: DatasetId,
): Promise<{ readonly months: readonly FailedMonth[]; readonly etag?: string }> {
  const key = failedMonthsKey(dataset)
  try {
    const { info, body } = await store.get(key)
    const value: unknown = JSON.parse(new TextDecoder().decode(await collectBytes(body)))
    return { months: document.parse(value).months, etag: info.etag }
  } catch (error) {
    if (LakeError.is(error) && error.code === 'NOT_FOUND') return { months: [] }
    if (LakeError.is(error)) throw error
    const message = `The failures ${key} cannot be read. Nothing was changed. Delete the file: it only explains gaps, and the next run writes it again.`
    throw new LakeError('CORRUPT_LAKE', message, { cause: error, details: { key } })
  }
}
