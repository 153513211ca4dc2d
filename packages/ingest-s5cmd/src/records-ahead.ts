import { type DatasetId, formatDatasetId, type ObjectStore } from '@lake/core'
import { readSourceRecords, type SourceRecord } from '@lake/ledger'
import type { ArchiveFile } from './archive-file.ts'

/** Inventories that are read before their files' turn comes, and files that wait for that. */
const READS_AHEAD = 16
const FILES_AHEAD = 10_000

export interface FileWithRecords {
  readonly file: ArchiveFile
  readonly name: string
  /** What is known of the dataset; read already, or again when another file of it came long before. */
  readonly known: () => Promise<readonly SourceRecord[]>
}

export interface RecordsAheadOptions {
  readonly lake: ObjectStore
  readonly files: AsyncIterable<ArchiveFile>
  /** The inventory of a dataset is in use or being written: what is read of it now would be old. */
  readonly isBusy: (name: string) => boolean
  readonly signal?: AbortSignal | undefined
}

/** The files in their order, with the inventories of the next datasets on their way: each is a request of its own. */
export async function* withRecords({
  files,
  lake,
  isBusy,
  signal,
}: RecordsAheadOptions): AsyncGenerator<FileWithRecords, void, undefined> {
  const nameOf = datasetNames()
  const waiting: { readonly file: ArchiveFile; readonly name: string }[] = []
  const reads = new Map<string, Promise<readonly SourceRecord[]>>()
  const take = ({ file, name }: { readonly file: ArchiveFile; readonly name: string }): FileWithRecords => ({
    file,
    name,
    known: async () => {
      const read = reads.get(name) ?? readSourceRecords(lake, file.dataset, { signal })
      reads.delete(name)
      return read
    },
  })
  let head = 0
  for await (const file of files) {
    const name = nameOf(file.dataset)
    if (!isBusy(name) && !reads.has(name)) {
      const read = readSourceRecords(lake, file.dataset, { signal })
      // Whoever takes it meets its failure; nobody does when the scan ends before.
      read.catch(() => undefined)
      reads.set(name, read)
    }
    waiting.push({ file, name })
    while (reads.size > READS_AHEAD || waiting.length - head > FILES_AHEAD) {
      const next = waiting[head++]
      if (next !== undefined) yield take(next)
    }
    if (head < FILES_AHEAD) continue
    waiting.splice(0, head)
    head = 0
  }
  for (const next of waiting.slice(head)) yield take(next)
}

function datasetNames(): (dataset: DatasetId) => string {
  const names = new WeakMap<DatasetId, string>()
  return (dataset) => {
    let name = names.get(dataset)
    if (name === undefined) names.set(dataset, (name = formatDatasetId(dataset)))
    return name
  }
}
