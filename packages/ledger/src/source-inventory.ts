import {
  type DatasetId,
  formatDatasetId,
  type ObjectStore,
  parseDatasetId,
  sourceInventoryKey,
  sourceInventoryPrefix,
} from '@lake/core'
import * as z from 'zod'
import { changeDocument, type DocumentOptions, readDocument, type StoredDocument } from './stored-document.ts'

/** What is known of one file at its source, whether the lake holds it or not. Times are epoch microseconds UTC. */
export interface SourceRecord {
  /** The key at the source. */
  readonly key: string
  /** `2024-01` or `2024-01-31`: the period that its name promises. */
  readonly label: string
  readonly size: number
  /** Empty when the source does not say. */
  readonly etag: string
  /** As published; absent until a CHECKSUM was read. */
  readonly sha256?: string | undefined
  /** The etag of its CHECKSUM; absent when the listing has none. */
  readonly checksumEtag?: string | undefined
  readonly firstSeen: number
  /** When it was last found to differ; `firstSeen` until then. */
  readonly changedAt: number
  /** When it was found to be gone; absent while it is there. */
  readonly vanishedAt?: number | undefined
}

const sourceRecord: z.ZodType<SourceRecord> = z.strictObject({
  key: z.string().min(1),
  label: z.string().regex(/^\d{4}-\d\d(-\d\d)?$/),
  size: z.int().nonnegative(),
  etag: z.string(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  checksumEtag: z.string().optional(),
  firstSeen: z.int(),
  changedAt: z.int(),
  vanishedAt: z.int().optional(),
})

const shard = z.strictObject({ format: z.literal(1), dataset: z.string(), files: z.array(sourceRecord) })

/**
 * What is known of a dataset's files at their source, in order of their keys; empty when it was never looked at.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when it cannot be read.
 */
export async function readSourceRecords(
  store: ObjectStore,
  dataset: DatasetId,
  options: DocumentOptions = {},
): Promise<readonly SourceRecord[]> {
  return (await readDocument(store, documentOf(dataset), options)).value
}

/**
 * Changes what is known of a dataset's files at their source, by compare-and-swap: `update` is given what is known now, and
 * again what another scan made of it in between. Writes nothing when nothing differs.
 *
 * @throws {@link LakeError} `CONFLICT` when other scans got in between twenty times, `CORRUPT_LAKE` when what is there
 * cannot be read. Nothing was changed then.
 */
export async function updateSourceRecords(
  store: ObjectStore,
  dataset: DatasetId,
  update: (known: readonly SourceRecord[]) => readonly SourceRecord[],
  options: DocumentOptions = {},
): Promise<void> {
  await changeDocument(
    store,
    documentOf(dataset),
    (known) => [...update(known)].sort((a, b) => (a.key < b.key ? -1 : 1)),
    options,
  )
}

/** The datasets of an exchange whose source was looked at, in order of their keys. */
export async function* listSourceDatasets(
  store: ObjectStore,
  exchange: string,
  options: DocumentOptions = {},
): AsyncGenerator<DatasetId, void, undefined> {
  const prefix = sourceInventoryPrefix(exchange)
  for await (const { key } of store.list({ prefix, signal: options.signal })) {
    if (key.endsWith('.json')) yield parseDatasetId(`${exchange}/${key.slice(prefix.length, -'.json'.length)}`)
  }
}

function documentOf(dataset: DatasetId): StoredDocument<readonly SourceRecord[]> {
  return {
    key: sourceInventoryKey(dataset),
    absent: [],
    parse: (value) => shard.parse(value).files,
    format: (files) => ({ format: 1, dataset: formatDatasetId(dataset), files }),
    name: 'The source inventory',
    remedy: 'Delete it: the next scan takes the files of the dataset for new.',
    isDense: true,
  }
}
