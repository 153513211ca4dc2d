import {
  type DatasetId,
  formatDatasetId,
  type ObjectStore,
  parseDatasetId,
  REBUILD_PREFIX,
  rebuildKey,
} from '@lake/core'
import * as z from 'zod'
import { changeDocument, type DocumentOptions, readDocument, type StoredDocument } from './stored-document.ts'

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

const content = z.strictObject({ format: z.literal(1), dataset: z.string(), marks: z.array(mark) })

/**
 * What of a dataset is to be rebuilt, in order of the source keys; empty when nothing is.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when it cannot be read.
 */
export async function readRebuildMarks(
  store: ObjectStore,
  dataset: DatasetId,
  options: DocumentOptions = {},
): Promise<readonly RebuildMark[]> {
  return (await readDocument(store, documentOf(dataset), options)).value
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
  options: DocumentOptions = {},
): Promise<void> {
  await changeDocument(
    store,
    documentOf(dataset),
    (marks) => [...update(marks)].sort((a, b) => (a.sourceKey < b.sourceKey ? -1 : 1)),
    options,
  )
}

/** The datasets with something to rebuild, in order of their keys. */
export async function* listRebuildMarks(
  store: ObjectStore,
  options: DocumentOptions = {},
): AsyncGenerator<{ readonly dataset: DatasetId; readonly marks: readonly RebuildMark[] }, void, undefined> {
  for await (const { key } of store.list({ prefix: REBUILD_PREFIX, ...options })) {
    const dataset = parseDatasetId(key.slice(REBUILD_PREFIX.length, -'.json'.length))
    const marks = await readRebuildMarks(store, dataset, options)
    if (marks.length > 0) yield { dataset, marks }
  }
}

function documentOf(dataset: DatasetId): StoredDocument<readonly RebuildMark[]> {
  return {
    key: rebuildKey(dataset),
    absent: [],
    parse: (value) => content.parse(value).marks,
    format: (marks) => ({ format: 1, dataset: formatDatasetId(dataset), marks }),
    name: 'The marks',
    remedy: 'Delete them: a run rebuilds what its inputs say anyway.',
  }
}
