import { LakeError } from '@lake/core'
import type { Schema, Table } from 'apache-arrow'
import { createPageCompressor } from './page-compressor.ts'
import { createParquetEncoder } from './parquet-encoder.ts'
import type { WriteParquetOptions } from './write-parquet.ts'

export interface ParquetWriterOptions extends Omit<WriteParquetOptions, 'compression'> {
  /** How pages are compressed: snappy by default; zstd makes smaller files and takes longer. */
  readonly compression?: 'snappy' | 'zstd' | 'none' | undefined
  /** Takes the file's bytes in order; the writer waits for it, so a slow sink slows the writer. */
  readonly sink: (chunk: Uint8Array) => void | Promise<void>
  readonly schema: Schema
  readonly signal?: AbortSignal | undefined
}

/** Writes one Parquet file. Wait for each call before the next. */
export interface ParquetWriter {
  /**
   * Takes the rows of a table with the writer's columns; other columns are left out.
   *
   * @throws {@link LakeError} `UNSUPPORTED`, `BAD_REQUEST` for columns that differ from the schema, or a writer that
   * has ended. Whatever the sink throws.
   */
  write(table: Table): Promise<void>
  /** Writes what is left and the footer. Without it the sink holds no Parquet file. */
  close(): Promise<{ readonly rows: number }>
}

/**
 * A writer that holds one row group in memory.
 *
 * Row groups are cut at exactly `rowGroupRows` rows, so the bytes depend on the rows and not on how they were batched:
 * they are those of `writeParquet` for all rows at once.
 * After an abort or an error the writer has ended, and what the sink got is no Parquet file: throw it away.
 *
 * @throws {@link LakeError} `UNSUPPORTED` when the schema has a type that the lake does not store.
 *
 * @example
 * const writer = createParquetWriter({ schema: tableSchema('trades'), sink: (chunk) => void chunks.push(chunk) })
 * for await (const batch of batches) await writer.write(batch)
 * await writer.close()
 */
export function createParquetWriter(options: ParquetWriterOptions): ParquetWriter {
  const { sink, signal, compression = 'snappy' } = options
  const compressor = createPageCompressor(compression)
  const encoder = createParquetEncoder({ ...options, compressor })
  let ended = false

  async function drain(steps: Generator<undefined, void, undefined>): Promise<void> {
    if (ended) throw new LakeError('BAD_REQUEST', 'The Parquet writer has ended: it was closed, aborted, or failed.')
    // Set back only on success: whoever goes on after a failure must not get a file with a hole.
    ended = true
    signal?.throwIfAborted()
    await compressor.load?.()
    while (steps.next().done !== true) {
      await sink(encoder.take())
      signal?.throwIfAborted()
    }
  }

  return {
    async write(table) {
      await drain(encoder.add(table))
      encoder.settle()
      ended = false
    },
    async close() {
      await drain(encoder.finish())
      await sink(encoder.take())
      return { rows: encoder.rows() }
    },
  }
}
