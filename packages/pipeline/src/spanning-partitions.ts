import type { SpanningPartitions } from './compute-spanning.ts'
import type { SpanningFilesOptions } from './spanning-files.ts'

/** What reads such files is loaded with the first of them. */
export function openSpanningPartitions(options: SpanningFilesOptions): SpanningPartitions {
  let opened: Promise<SpanningPartitions> | undefined
  return {
    compute: async (task, files, partition) => {
      opened ??= import('./compute-spanning.ts').then((module) => module.openSpanningReaders(options))
      return (await opened).compute(task, files, partition)
    },
    [Symbol.asyncDispose]: async () => {
      await (await opened)?.[Symbol.asyncDispose]()
    },
  }
}
