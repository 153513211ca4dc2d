import type { ObjectStore } from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'
import { mapInOrder } from './map-in-order.ts'
import type { FoundFile, IgnoredObject } from './read-entries.ts'

export interface MeasureOptions {
  readonly source: ObjectStore
  /** False leaves unknown sizes 0 and asks for nothing. */
  readonly sizes: boolean
  readonly onIgnored?: ((ignored: IgnoredObject) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

const CONCURRENCY = 8
const BATCH = 64

/** Asks the source for the sizes that its listing does not say; what it does not have after all is passed over. */
export async function* measureFiles(
  files: AsyncIterable<FoundFile>,
  options: MeasureOptions,
): AsyncGenerator<ArchiveFile, void, undefined> {
  let batch: FoundFile[] = []
  for await (const file of files) {
    if (isMeasured(file) && batch.length === 0) {
      yield file
      continue
    }
    batch.push(file)
    if (batch.length < BATCH) continue
    yield* measureBatch(batch, options)
    batch = []
  }
  yield* measureBatch(batch, options)
}

function isMeasured(file: FoundFile): file is ArchiveFile {
  return file.size !== undefined
}

async function* measureBatch(
  batch: readonly FoundFile[],
  { source, sizes, onIgnored, signal }: MeasureOptions,
): AsyncGenerator<ArchiveFile, void, undefined> {
  const measured = mapInOrder(batch, {
    concurrency: CONCURRENCY,
    signal,
    work: async (file, either): Promise<ArchiveFile | undefined> => {
      const { key } = file
      if (isMeasured(file)) return file
      if (!sizes) return { ...file, size: 0 }
      const info = await source.head(key, { signal: either })
      if (info === undefined) onIgnored?.({ key, why: 'absent' })
      return info && { ...file, size: info.size, etag: info.etag }
    },
  })
  for await (const file of measured) if (file !== undefined) yield file
}
