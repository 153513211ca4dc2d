import {
  type ArchiveRules,
  type DatasetId,
  formatDatasetId,
  type Period,
  rangesOverlap,
  reachOf,
  type TimeRange,
} from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'
import type { SourceEntry } from './list-source.ts'
import type { SourceGroup } from './walk-archive.ts'

/** An entry of the source that is no data file, and why. */
export interface IgnoredObject {
  readonly key: string
  /**
   * A checksum without its file, a name that the archive's grammar does not know, a folder in which no data can lie, a file
   * of another dataset in a dataset's folder, a file that an index names and the source does not have, or the first period
   * of a dataset that was not asked for, because a search asks for no more than 50 000 that are not listed.
   */
  readonly why: 'orphan-checksum' | 'foreign-name' | 'foreign-folder' | 'other-dataset' | 'absent' | 'not-probed'
}

/** A file whose size may still have to be asked for. */
export type FoundFile = Omit<ArchiveFile, 'size'> & { readonly size?: number | undefined }

export interface ReadOptions {
  readonly rules: ArchiveRules
  readonly range?: TimeRange | undefined
  /** False passes over a file without a further word. */
  readonly holds: (dataset: DatasetId, key: string) => boolean
  readonly onIgnored?: ((ignored: IgnoredObject) => void) | undefined
}

interface Waiting {
  readonly key: string
  readonly file: FoundFile | undefined
}

/**
 * Reads what entries are by their names, and joins each file with its checksum. Needs the entries in the order of their
 * keys, as far as checksums are concerned, and holds no more of them than share a name's beginning.
 */
export async function* readEntries(
  entries: SourceGroup,
  options: ReadOptions,
): AsyncGenerator<FoundFile, void, undefined> {
  const { rules, onIgnored } = options
  const { checksumSuffix } = rules
  const fileOf = fileReader(options)
  let waiting: Waiting[] = []
  for await (const entry of entries) {
    const { key } = entry
    if (checksumSuffix !== undefined && key.endsWith(checksumSuffix)) {
      const name = key.slice(0, -checksumSuffix.length)
      const at = waiting.findIndex((other) => other.key === name)
      const found = waiting[at]
      if (found === undefined) onIgnored?.({ key, why: 'orphan-checksum' })
      else waiting[at] = { key: name, file: found.file && withChecksum(found.file, entry, rules) }
      continue
    }
    // A key between a file and its checksum starts with the file's key, so others need not wait.
    const isOver = (other: Waiting): boolean => !key.startsWith(other.key)
    for (const { file } of waiting.filter(isOver)) if (file !== undefined) yield file
    waiting = waiting.filter((other) => !isOver(other))
    waiting.push({ key, file: fileOf(entry) })
  }
  for (const { file } of waiting) if (file !== undefined) yield file
}

function withChecksum(file: FoundFile, { key, etag }: SourceEntry, rules: ArchiveRules): FoundFile {
  const checksum: Pick<FoundFile, 'checksumKey' | 'checksumEtag'> =
    etag === '' ? { checksumKey: detached(key) } : { checksumKey: detached(key), checksumEtag: detached(etag) }
  // By `assign`: an object that is spread and then grown takes four times the memory.
  return Object.assign({}, file, checksum, algorithmOf(rules))
}

/** Said only where it is not the usual one. */
export function algorithmOf({ checksumAlgorithm }: ArchiveRules): Pick<ArchiveFile, 'checksumAlgorithm'> {
  return checksumAlgorithm === 'md5' ? { checksumAlgorithm } : {}
}

/** Reads one entry. Files of a dataset share one object, and so do those of a period: there may be millions. */
function fileReader({ rules, range, holds, onIgnored }: ReadOptions): (entry: SourceEntry) => FoundFile | undefined {
  const periods = new Map<string, Period>()
  let last: { readonly name: string; readonly dataset: DatasetId } | undefined
  return ({ key, size, etag }) => {
    const name = rules.parseKey(key)
    if (name === undefined) {
      onIgnored?.({ key, why: 'foreign-name' })
      return undefined
    }
    if (!holds(name.dataset, key) || (range !== undefined && !rangesOverlap(reachOf(name.period), range)))
      return undefined
    const id = formatDatasetId(name.dataset)
    if (last?.name !== id) last = { name: id, dataset: name.dataset }
    const spelled = `${name.period.label} ${name.period.reachesTo ?? ''}`
    let period = periods.get(spelled)
    if (period === undefined) periods.set(spelled, (period = name.period))
    return { key: detached(key), dataset: last.dataset, period, size, etag: detached(etag) }
  }
}

/** A text of its own: what is cut from a page of a listing would keep the whole page in memory. */
function detached(text: string): string {
  return Buffer.from(text).toString()
}
