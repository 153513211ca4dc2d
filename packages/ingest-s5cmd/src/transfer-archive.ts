import { bronzeArchiveKey, LakeError, type ObjectStore } from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'
import type { KeptBytes } from './kept-bytes.ts'
import { mapInOrder } from './map-in-order.ts'
import { transferFile } from './transfer-file.ts'
import type { KnownFile, TransferProgress, TransferredFile } from './transferred-file.ts'

export interface TransferArchiveOptions {
  readonly files: Iterable<ArchiveFile>
  readonly source: ObjectStore
  readonly target: ObjectStore
  /** Where a file's first version lies in the target. Default {@link bronzeArchiveKey}. */
  readonly targetKey?: ((file: ArchiveFile) => string) | undefined
  /** What an inventory remembers of a file in the target. */
  readonly known?: ((file: ArchiveFile) => KnownFile | undefined) | undefined
  /** As in {@link transferFile}. */
  readonly kept?: KeptBytes | undefined
  /** How many files at once. Default 8. */
  readonly concurrency?: number | undefined
  /** As in {@link transferFile}. */
  readonly attempts?: number | undefined
  /** As in {@link transferFile}. */
  readonly pauseMillis?: number | undefined
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined
  /** Told of each file as soon as it lies in the target: also of those whose turn never comes, because one before failed. */
  readonly onTransferred?: ((file: TransferredFile) => void) | undefined
  /** Asked when a file fails: true leaves it out and goes on with the others. */
  readonly leaveOut?: ((file: ArchiveFile, error: unknown) => boolean) | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Takes files into the target, several at once, and tells of each in the order of `files`.
 *
 * A failure that is not left out is thrown when its file's turn comes, after the results before it. Then, on abort and when the reader
 * stops, what is under way is aborted and leaves nothing half written; what has landed stays, and is skipped next time.
 *
 * @throws {@link LakeError} as {@link transferFile}; `BAD_REQUEST` when the concurrency is no positive integer.
 *
 * @example
 * const files = planTransfer({ files: discovered })
 * for await (const { key, verified } of transferArchive({ files, source, target })) console.log(key, verified)
 */
export async function* transferArchive(
  options: TransferArchiveOptions,
): AsyncGenerator<TransferredFile, void, undefined> {
  const {
    files,
    source,
    target,
    known,
    kept,
    concurrency = 8,
    attempts,
    pauseMillis,
    onProgress,
    onTransferred,
    leaveOut,
  } = options
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new LakeError('BAD_REQUEST', `The concurrency is a positive integer, ${concurrency} is not.`, {
      details: { value: concurrency },
    })
  }
  const targetKey = options.targetKey ?? ((file) => bronzeArchiveKey(file.dataset.exchange, file.key))
  const common = { source, target, kept, attempts, pauseMillis, onProgress }
  const results = mapInOrder(files, {
    concurrency,
    signal: options.signal,
    work: async (file, signal) => {
      try {
        const transferred = await transferFile({
          ...common,
          file,
          targetKey: targetKey(file),
          known: known?.(file),
          signal,
        })
        onTransferred?.(transferred)
        return transferred
      } catch (error) {
        if (leaveOut?.(file, error) === true) return undefined
        throw error
      }
    },
  })
  for await (const transferred of results) if (transferred !== undefined) yield transferred
}
