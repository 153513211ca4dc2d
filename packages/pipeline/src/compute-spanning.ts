import { encodeExact, encodeSilver, type SilverFile } from './encode-silver.ts'
import type { HeldArchive } from './held-file.ts'
import type { SilverPartition } from './silver-partition.ts'
import { parseExactInputs, parseInputs, type SilverTask } from './silver-task.ts'
import { openExactSpanningFiles, openSpanningFiles, type SpanningFilesOptions } from './spanning-files.ts'

/** Computes partitions of which files hold more than one, as months of ticks hold days. */
export interface SpanningPartitions extends AsyncDisposable {
  /** @param files those that hold more than the partition; the task has the others */
  compute(task: SilverTask, files: readonly HeldArchive[], partition: SilverPartition): Promise<SilverFile>
}

/** Either kind of numbers; only what is asked for is read. */
export function openSpanningReaders(options: SpanningFilesOptions): SpanningPartitions {
  const floats = openSpanningFiles(options)
  const exact = openExactSpanningFiles(options)
  const { signal } = options
  return {
    compute: async (task, files, partition) => {
      if (task.decimals === 'exact') {
        const rows = [...(await parseExactInputs(task, signal))]
        for (const file of files) rows.push(await exact.rowsOf(file, partition.period))
        return encodeExact(task, rows, signal)
      }
      const rows = [...(await parseInputs(task, signal))]
      for (const file of files) rows.push(await floats.rowsOf(file, partition.period))
      return encodeSilver(task, rows, signal)
    },
    [Symbol.asyncDispose]: async () => {
      await floats[Symbol.asyncDispose]()
      await exact[Symbol.asyncDispose]()
    },
  }
}
