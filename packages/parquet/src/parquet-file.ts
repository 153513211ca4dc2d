import { gunzipSync } from 'node:zlib'
import { LakeError } from '@lake/core'
import { type AsyncBuffer, type Compressors, type FileMetaData, parquetMetadataAsync, type RowGroup } from 'hyparquet'
import { type FileColumn, fileColumns } from './file-columns.ts'
import { asyncBuffer, type RandomAccess, SourceFailure } from './random-access.ts'

/** An opened Parquet file: its footer is read, its columns are not. */
export interface ParquetFile {
  readonly buffer: AsyncBuffer
  /** As the decoder is to see it: int64 columns without the annotations that make it build a Date a row. */
  readonly metadata: FileMetaData
  readonly columns: ReadonlyMap<string, FileColumn>
  readonly rowGroups: readonly RowGroup[]
}

export interface OpenParquetOptions {
  /** What errors call the file, such as its key. */
  readonly name?: string | undefined
  readonly signal?: AbortSignal | undefined
}

// Footers of lake files take a few kilobytes; a larger one costs a second read.
const FIRST_READ_BYTES = 1 << 16

export const COMPRESSORS: Compressors = { GZIP: (bytes) => gunzipSync(bytes) }

// Statistics as the integers that they are, not as Date.
const PARSERS = {
  timestampFromMilliseconds: (value: bigint) => value,
  timestampFromMicroseconds: (value: bigint) => value,
  timestampFromNanoseconds: (value: bigint) => value,
}

/**
 * Opens a file, hands it to `use`, and tells failures apart: those of the source pass unwrapped, everything that the
 * decoder stumbles over is `CORRUPT_LAKE`.
 */
export async function withParquetFile<T>(
  source: Uint8Array | RandomAccess,
  options: OpenParquetOptions,
  use: (file: ParquetFile) => Promise<T>,
): Promise<T> {
  const { name, signal } = options
  try {
    const buffer = asyncBuffer(source, signal)
    const metadata = await parquetMetadataAsync(buffer, {
      parsers: PARSERS,
      initialFetchSize: FIRST_READ_BYTES,
      geoparquet: false,
    })
    const columns = fileColumns(metadata)
    const schema = metadata.schema.map((element) => (element.type && columns.get(element.name)?.element) || element)
    return await use({ buffer, metadata: { ...metadata, schema }, columns, rowGroups: metadata.row_groups })
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof SourceFailure) throw error.cause
    throw LakeError.is(error) ? withName(error, name) : unreadable(error, name)
  }
}

function unreadable(cause: unknown, name = 'a Parquet file'): LakeError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new LakeError(
    'CORRUPT_LAKE',
    `${name} cannot be read, it is damaged or no Parquet file: ${why}. Nothing of it was returned; rebuild the file.`,
    { cause, details: { file: name } },
  )
}

function withName(error: LakeError, name: string | undefined): LakeError {
  if (name === undefined) return error
  return new LakeError(error.code, `${name}: ${error.message}`, {
    cause: error,
    details: { ...error.details, file: name },
  })
}
