import {
  canonicalJson,
  collectBytes,
  type DatasetId,
  formatDatasetId,
  LakeError,
  type ObjectStore,
  parseDatasetId,
  REBUILD_PREFIX,
  rebuildKey,
} from '@lake/core'
import * as z from 'zod'

/** A file that its source replaced, and what was made of the bytes before. */
export interface RebuildMark {
  /** The key at the source. */
  readonly sourceKey: string
  /** `2024-01` or `2024-01-31` */
  readonly label: string
  /** Of the new bytes; absent while nobody knows it. */
  readonly sha256?: string | undefined
  /** The keys of the partitions that are to be rebuilt, in order. */
  readonly partitions: readonly string[]
  /** Epoch microseconds UTC. */
  readonly markedAt: number
}

const mark: z.ZodType<RebuildMark> = z.strictObject({
  sourceKey: z.string().min(1),
  label: z.string().regex(/^\d{4}-\d\d(-\d\d)?$/),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  partitions: z.array(z.string().min(1)),
  markedAt: z.int(),
})

const document = z.strictObject({ format: z.literal(1), dataset: z.string(), marks: z.array(mark) })

/** Several processes may mark at once; each conflict means that another one got through. */
const MAXIMUM_ATTEMPTS = 20

interface MarkOptions {
  readonly signal?: AbortSignal | undefined
}

/**
 * What of a dataset is to be rebuilt, in order of the source keys; empty when nothing is.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when it cannot be read.
 */
export async function readRebuildMarks(
  store: ObjectStore,
  dataset: DatasetId,
  { signal }: MarkOptions = {},
): Promise<readonly RebuildMark[]> {
  return (await readMarks(store, rebuildKey(dataset), signal)).marks
}

/**
 * Changes what of a dataset is to be rebuilt, by compare-and-swap: `update` is given what is marked now, and again what
 * another process made of it in between. Writes nothing when nothing differs.
 *
 * @throws {@link LakeError} `CONFLICT` when others got in between twenty times, `CORRUPT_LAKE` when what is there cannot
 * be read. Nothing was changed then.
 */
export async function updateRebuildMarks(
  store: ObjectStore,
  dataset: DatasetId,
  update: (marks: readonly RebuildMark[]) => readonly RebuildMark[],
  { signal }: MarkOptions = {},
): Promise<void> {
  const key = rebuildKey(dataset)
  for (let attempt = 1; ; attempt++) {
    const current = await readMarks(store, key, signal)
    const marks = [...update(current.marks)].sort((a, b) => (a.sourceKey < b.sourceKey ? -1 : 1))
    if (canonicalJson(marks) === canonicalJson(current.marks)) return
    const text = `${canonicalJson({ format: 1, dataset: formatDatasetId(dataset), marks }, 1)}\n`
    const condition = current.etag === undefined ? { ifAbsent: true } : { ifMatch: current.etag }
    try {
      // An empty list stays: a delete has no condition, and could take the mark of another process with it.
      await store.put(key, new TextEncoder().encode(text), { ...condition, signal })
      return
    } catch (error) {
      if (!LakeError.is(error) || error.code !== 'CONFLICT' || attempt === MAXIMUM_ATTEMPTS) throw error
    }
  }
}

/** The datasets with something to rebuild, in order of their keys. */
export async function* listRebuildMarks(
  store: ObjectStore,
  { signal }: MarkOptions = {},
): AsyncGenerator<{ readonly dataset: DatasetId; readonly marks: readonly RebuildMark[] }, void, undefined> {
  for await (const { key } of store.list({ prefix: REBUILD_PREFIX, signal })) {
    const { marks } = await readMarks(store, key, signal)
    if (marks.length > 0) yield { dataset: parseDatasetId(key.slice(REBUILD_PREFIX.length, -'.json'.length)), marks }
  }
}

async function readMarks(
  store: ObjectStore,
  key: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly marks: readonly RebuildMark[]; readonly etag?: string | undefined }> {
  try {
    const { info, body } = await store.get(key, { signal })
    const value: unknown = JSON.parse(new TextDecoder().decode(await collectBytes(body)))
    return { marks: document.parse(value).marks, etag: info.etag }
  } catch (error) {
    signal?.throwIfAborted()
    if (LakeError.is(error) && error.code === 'NOT_FOUND') return { marks: [] }
    if (LakeError.is(error)) throw error
    const message = `The marks ${key} cannot be read. Nothing was changed. Delete them: a run rebuilds what its inputs say anyway.`
    throw new LakeError('CORRUPT_LAKE', message, { cause: error, details: { key } })
  }
}
