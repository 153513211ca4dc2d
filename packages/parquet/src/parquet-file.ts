import { LakeError } from '@lake/core'
import { type FileMetaData, parquetMetadataAsync, type ParquetParsers } from 'hyparquet'
import { createPageCodecs, type LoadPageCodec } from './page-codec.ts'
import { type FileColumn, fileColumns } from './file-columns.ts'
import { type Part, type RandomAccess, readParts, SourceFailure } from './random-access.ts'

/** An opened Parquet file: its footer is read, its columns are not. */
export interface ParquetFile {
  readonly metadata: FileMetaData
  readonly columns: ReadonlyMap<string, FileColumn>
  readonly byteLength: number
  read(parts: readonly Part[]): Promise<Uint8Array[]>
  readonly codec: LoadPageCodec
}

export interface OpenParquetOptions {
  /** What errors call the file, such as its key. */
  readonly name?: string | undefined
  readonly signal?: AbortSignal | undefined
}

// Footers of lake files take a few kilobytes; a larger one costs a second read.
const FIRST_READ_BYTES = 1 << 16

/** Statistics as the integers that they are, not as Date. */
export const PARSERS: Pick<
  ParquetParsers,
  'timestampFromMilliseconds' | 'timestampFromMicroseconds' | 'timestampFromNanoseconds'
> = {
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
  const kept = source instanceof Uint8Array ? source : keepTail(source)
  const read = (parts: readonly Part[]): Promise<Uint8Array[]> => readParts(kept, parts, signal)
  try {
    const metadata = await readFooter(source.byteLength, read)
    const { byteLength } = source
    return await use({ byteLength, metadata, columns: fileColumns(metadata), read, codec: createPageCodecs() })
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof SourceFailure) throw error.cause
    throw LakeError.is(error) ? withName(error, name) : unreadable(error, name)
  }
}

/** A source whose end is read once: the page indexes lie before the footer, and of a small file everything does. */
function keepTail(source: RandomAccess): RandomAccess {
  const tailStart = Math.max(0, source.byteLength - FIRST_READ_BYTES)
  let tail: Uint8Array | undefined
  return {
    byteLength: source.byteLength,
    async slice(start, end) {
      if (tail !== undefined && start >= tailStart) return tail.subarray(start - tailStart, end - tailStart)
      const bytes = await source.slice(start, end)
      if (start === tailStart && end === source.byteLength) tail = bytes
      return bytes
    },
  }
}

function readFooter(byteLength: number, read: ParquetFile['read']): Promise<FileMetaData> {
  const buffer = {
    byteLength,
    slice: async (start: number, end = byteLength) => {
      const [bytes] = await read([{ start, end }])
      return new Uint8Array(bytes ?? []).buffer
    },
  }
  return parquetMetadataAsync(buffer, { parsers: PARSERS, initialFetchSize: FIRST_READ_BYTES, geoparquet: false })
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
