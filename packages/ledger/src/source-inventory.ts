import {
  canonicalJson,
  collectBytes,
  type DatasetId,
  formatDatasetId,
  LakeError,
  type ObjectStore,
  parseDatasetId,
  sourceInventoryKey,
  sourceInventoryPrefix,
} from '@lake/core'
import * as z from 'zod'

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

/** Several scans may record at once; each conflict means that another one got through. */
const MAXIMUM_ATTEMPTS = 20

/**
 * What is known of a dataset's files at their source, in order of their keys; empty when it was never looked at.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when it cannot be read.
 */
export async function readSourceRecords(
  store: ObjectStore,
  dataset: DatasetId,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<readonly SourceRecord[]> {
  return (await readShard(store, dataset, options.signal)).records
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
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { signal } = options
  for (let attempt = 1; ; attempt++) {
    const { records, etag } = await readShard(store, dataset, signal)
    const files = [...update(records)].sort((a, b) => (a.key < b.key ? -1 : 1))
    if (files.length === records.length && canonicalJson(files) === canonicalJson(records)) return
    const text = `${canonicalJson({ format: 1, dataset: formatDatasetId(dataset), files })}\n`
    const condition = etag === undefined ? { ifAbsent: true } : { ifMatch: etag }
    try {
      await store.put(sourceInventoryKey(dataset), new TextEncoder().encode(text), { ...condition, signal })
      return
    } catch (error) {
      if (!LakeError.is(error) || error.code !== 'CONFLICT' || attempt === MAXIMUM_ATTEMPTS) throw error
    }
  }
}

/** The datasets of an exchange whose source was looked at, in order of their keys. */
export async function* listSourceDatasets(
  store: ObjectStore,
  exchange: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<DatasetId, void, undefined> {
  const prefix = sourceInventoryPrefix(exchange)
  for await (const { key } of store.list({ prefix, signal: options.signal })) {
    if (key.endsWith('.json')) yield parseDatasetId(`${exchange}/${key.slice(prefix.length, -'.json'.length)}`)
  }
}

async function readShard(
  store: ObjectStore,
  dataset: DatasetId,
  signal: AbortSignal | undefined,
): Promise<{ readonly records: readonly SourceRecord[]; readonly etag?: string | undefined }> {
  const key = sourceInventoryKey(dataset)
  try {
    const { info, body } = await store.get(key, { signal })
    const value: unknown = JSON.parse(new TextDecoder().decode(await collectBytes(body)))
    return { records: shard.parse(value).files, etag: info.etag }
  } catch (error) {
    signal?.throwIfAborted()
    if (LakeError.is(error) && error.code === 'NOT_FOUND') return { records: [] }
    if (LakeError.is(error)) throw error
    const message = `The source inventory ${key} cannot be read. Nothing was changed. Delete it: the next scan takes the files of the dataset for new.`
    throw new LakeError('CORRUPT_LAKE', message, { cause: error, details: { key } })
  }
}
