import {
  type DatasetId,
  type FileOrder,
  type FileTimeUnit,
  formatDatasetId,
  type FormatFingerprint,
  INVENTORY_PREFIX,
  inventoryKey,
  type ObjectStore,
  parseDatasetId,
} from '@lake/core'
import * as z from 'zod'
import { changeDocument, readDocument, type StoredDocument } from './stored-document.ts'

/** One source file that the lake holds. What the source itself has is in the `SourceRecord`s. */
export interface InventoryFile {
  /** The key at the source. */
  readonly sourceKey: string
  /** Where its newest bytes lie in the lake. */
  readonly key: string
  readonly size: number
  /** Absent while nobody has read the bytes: they were copied within a server. */
  readonly sha256?: string | undefined
  /** The etag of the lake's own copy: while it stands, the bytes need not be hashed again. */
  readonly etag: string
  /** The etag at the source when the bytes were taken: while both stand, they need not be compared. */
  readonly sourceEtag?: string | undefined
  /** True when the sha256 is the one that the source publishes. */
  readonly verified: boolean
  /** What the file looks like, once it was read. */
  readonly fingerprint?: FormatFingerprint | undefined
}

const fingerprint: z.ZodType<FormatFingerprint> = z.strictObject({
  format: z.string(),
  era: z.string().nullable(),
  header: z.array(z.string()).nullable(),
  columns: z.int().positive(),
  timeUnit: z.enum(['s', 'ms', 'us', 'ns', 'text'] satisfies FileTimeUnit[]),
  places: z.record(z.string(), z.int().nonnegative()),
  order: z.enum(['ascending', 'descending', 'mixed'] satisfies FileOrder[]),
  repeatedRows: z.int().nonnegative(),
  rows: z.int().nonnegative(),
  ownRows: z.int().nonnegative().optional(),
  expectedRows: z.int().nonnegative().nullable(),
  days: z.number().positive().optional(),
})

const inventoryFile: z.ZodType<InventoryFile> = z.strictObject({
  sourceKey: z.string().min(1),
  key: z.string().min(1),
  size: z.int().nonnegative(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  etag: z.string(),
  sourceEtag: z.string().optional(),
  verified: z.boolean(),
  fingerprint: fingerprint.optional(),
})

const inventory = z.strictObject({ format: z.literal(1), dataset: z.string(), files: z.array(inventoryFile) })

/**
 * The inventory of a dataset; empty, without an etag, when there is none yet.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when it cannot be read.
 */
export async function readInventory(
  store: ObjectStore,
  dataset: DatasetId,
): Promise<{ readonly files: readonly InventoryFile[]; readonly etag?: string | undefined }> {
  const { value: files, etag } = await readDocument(store, documentOf(dataset))
  return { files, etag }
}

/**
 * The inventories of all datasets, in order of their keys.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when one cannot be read.
 */
export async function* listInventories(
  store: ObjectStore,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<{ readonly dataset: DatasetId; readonly files: readonly InventoryFile[] }, void, undefined> {
  for await (const { key } of store.list({ prefix: INVENTORY_PREFIX, signal })) {
    // What a source has is no matter of what the lake holds.
    if (key.startsWith(SOURCES) || !key.endsWith('.json')) continue
    const dataset = parseDatasetId(key.slice(INVENTORY_PREFIX.length, -'.json'.length))
    const { files } = await readInventory(store, dataset)
    yield { dataset, files }
  }
}

const SOURCES = `${INVENTORY_PREFIX}source/`

/**
 * Adds files to the inventory of a dataset; the newest word about a source key wins, but says nothing of what it does
 * not know of the same bytes. Writes nothing when nothing is new, so that a run without work leaves the lake as it was.
 *
 * @throws {@link LakeError} `CONFLICT` when other writers got in between twenty times.
 */
export async function recordInventory(
  store: ObjectStore,
  dataset: DatasetId,
  files: readonly InventoryFile[],
): Promise<void> {
  await changeDocument(store, documentOf(dataset), (known) => {
    const bySource = new Map(known.map((file) => [file.sourceKey, file]))
    for (const file of files) {
      const before = bySource.get(file.sourceKey)
      bySource.set(file.sourceKey, before === undefined ? file : join(before, file))
    }
    return [...bySource.values()].sort((a, b) => (a.sourceKey < b.sourceKey ? -1 : 1))
  })
}

/** What is known of a file, out of an earlier word and a new one. */
function join(known: InventoryFile, file: InventoryFile): InventoryFile {
  if (known.key !== file.key || known.etag !== file.etag) return file
  const { sha256 = known.sha256, sourceEtag = known.sourceEtag, fingerprint = known.fingerprint } = file
  return {
    ...file,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(sourceEtag === undefined ? {} : { sourceEtag }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    verified: file.verified || (file.sha256 === undefined && known.verified),
  }
}

function documentOf(dataset: DatasetId): StoredDocument<readonly InventoryFile[]> {
  return {
    key: inventoryKey(dataset),
    absent: [],
    parse: (value) => inventory.parse(value).files,
    format: (files) => ({ format: 1, dataset: formatDatasetId(dataset), files }),
    name: 'The inventory',
    remedy: "Delete it: the next run verifies the dataset's files again.",
  }
}
