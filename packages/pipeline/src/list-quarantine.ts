import { type DatasetId, formatDatasetId, parseQuarantineKey, quarantinePrefix, readObject } from '@lake/core'
import { readParquet, readParquetMetadata } from '@lake/parquet'
import { QUARANTINE_SCHEMA, type QuarantinedRow, quarantinedRows } from '@lake/parse'
import type { Lake } from './define-lake.ts'
import { QUARANTINE_INPUT } from './keep-quarantine.ts'
import { requestedDatasets } from './run-request.ts'

/** Which lines that were put aside to look at. */
export interface QuarantineRequest {
  /** All datasets when absent. */
  readonly datasets?: readonly (DatasetId | string)[] | undefined
}

/** The lines of one bronze file that are no rows. */
export interface QuarantinedFile {
  readonly dataset: DatasetId
  /** The file's key in bronze. */
  readonly key: string
  readonly sha256: string
  /** In the order of the file. */
  readonly rows: readonly QuarantinedRow[]
}

/**
 * The lines that runs have put aside as bad, file by file: with line, column, value, reason and the text of the line.
 *
 * @throws {@link LakeError} `BAD_REQUEST` for a malformed request, `CORRUPT_LAKE` when such a file cannot be read.
 *
 * @example
 * for await (const { key, rows } of listQuarantine(lake)) console.log(key, rows.length, rows[0]?.reason)
 */
export async function* listQuarantine(
  { store }: Lake,
  request: QuarantineRequest = {},
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<QuarantinedFile, void, undefined> {
  const wanted =
    request.datasets === undefined
      ? undefined
      : new Set(requestedDatasets({ datasets: request.datasets }).map(formatDatasetId))
  for await (const { key } of store.list({ prefix: quarantinePrefix(), signal })) {
    const name = parseQuarantineKey(key)
    if (name === undefined || wanted?.has(formatDatasetId(name.dataset)) === false) continue
    const bytes = await readObject(store, key, { signal })
    const { metadata } = await readParquetMetadata(bytes)
    const table = await readParquet(bytes, { schema: QUARANTINE_SCHEMA, signal })
    yield { ...name, key: metadata[QUARANTINE_INPUT] ?? '', rows: quarantinedRows(table) }
  }
}
