import { LakeError } from '@lake/core'
import { createPageCodecs, type LoadPageCodec } from './page-codec.ts'
import { type FileColumn, fileColumns } from './file-columns.ts'
import type { FileFooter } from './file-footer.ts'
import { openLocalFile } from './local-file.ts'
import type { Checksums } from './page-body.ts'
import { filePageReader, memoryPageReader, type PageReader } from './page-reader.ts'
import { findFooter } from './find-footer.ts'
import { checkPart, fillPart, type Part, type RandomAccess, readParts, SourceFailure } from './random-access.ts'
import { readFooter } from './read-footer.ts'

/** Where the bytes of a Parquet file are: in memory, wherever parts can be read from, or in the file of a path. */
export type ParquetSource = Uint8Array | RandomAccess | string

/** An opened Parquet file: its footer is read, its columns are not. */
export interface ParquetFile {
  readonly footer: FileFooter
  readonly columns: ReadonlyMap<string, FileColumn>
  readonly byteLength: number
  read(parts: readonly Part[]): Promise<Uint8Array[]>
  /** Readers of columns, one to be used up after the other; each is given the parts that hold its pages. */
  readPages(columns: readonly (readonly Part[])[]): Promise<PageReader[]>
  readonly codec: LoadPageCodec
  readonly checksums: Checksums
  /** Where other threads of the process find it, when it is open in the process. */
  readonly descriptor: number | undefined
}

export interface OpenParquetOptions {
  /** What errors call the file, such as its key. */
  readonly name?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export interface ReadPagesOptions extends OpenParquetOptions {
  /**
   * Whether the checksums of pages, where a file has them, are compared, which is the default. For a file whose SHA-256 was
   * just compared as a whole it is work done twice: a sixth of reading plain numbers.
   */
  readonly checksums?: Checksums | undefined
}

// Footers of lake files take a few kilobytes; a larger one costs a second read.
const FIRST_READ_BYTES = 1 << 16

/**
 * Opens a file, hands it to `use`, and tells failures apart: those of the source pass unwrapped, everything that the
 * decoder stumbles over is `CORRUPT_LAKE`.
 */
export async function withParquetFile<T>(
  source: ParquetSource,
  options: ReadPagesOptions,
  use: (file: ParquetFile) => Promise<T>,
): Promise<T> {
  if (typeof source !== 'string') return useParquetFile(source, options, use)
  options.signal?.throwIfAborted()
  const file = openLocalFile(source)
  try {
    return await useParquetFile(file, { ...options, name: options.name ?? source }, use, file.descriptor)
  } finally {
    file.close()
  }
}

async function useParquetFile<T>(
  source: Uint8Array | RandomAccess,
  options: ReadPagesOptions,
  use: (file: ParquetFile) => Promise<T>,
  descriptor?: number,
): Promise<T> {
  const { name, signal } = options
  try {
    return await use(await openParquetFile(source, options, descriptor))
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof SourceFailure) throw error.cause
    throw LakeError.is(error) ? withName(error, name) : unreadable(error, name)
  }
}

/** Reads the footer. What is thrown is not told apart. `descriptor` is that of a source that the process has open. */
export async function openParquetFile(
  source: Uint8Array | RandomAccess,
  { signal, checksums = 'compare' }: ReadPagesOptions = {},
  descriptor?: number,
): Promise<ParquetFile> {
  const kept = source instanceof Uint8Array ? source : keepTail(source)
  const read = (parts: readonly Part[]): Promise<Uint8Array[]> => readParts(kept, parts, signal)
  const { byteLength } = source
  const footer = readFooter(await findFooter(byteLength, FIRST_READ_BYTES, read))
  return {
    byteLength,
    footer,
    columns: fileColumns(footer),
    read,
    readPages: pageReaders(source, read),
    codec: createPageCodecs(),
    checksums,
    descriptor,
  }
}

function pageReaders(source: Uint8Array | RandomAccess, read: ParquetFile['read']): ParquetFile['readPages'] {
  const readInto = source instanceof Uint8Array ? undefined : source.readInto?.bind(source)
  if (readInto === undefined) {
    return async (columns) => {
      const bytes = await read(columns.flat())
      return columns.map((parts) => memoryPageReader(join(bytes.splice(0, parts.length))))
    }
  }
  return (columns) => {
    for (const part of columns.flat()) checkPart(source, part)
    const fill = (target: Uint8Array, start: number): void => {
      fillPart(readInto, target, start)
    }
    return Promise.resolve(columns.map((parts) => filePageReader(parts, fill)))
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts)
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
