import { type DatasetId, formatDatasetId, type ObjectStore, type Period, type TimeRange } from '@lake/core'
import {
  type ArchiveChange,
  type ArchiveFile,
  type ArchiveMatrix,
  type ArchiveScope,
  createMatrix,
  discoverArchive,
  type IgnoredObject,
  type OverdueReport,
  reportOverdue,
  type Restatement,
  scanArchive,
} from '@lake/ingest-s5cmd'
import type { Lake } from './define-lake.ts'
import { markRestatements } from './rebuild-marks.ts'
import { openSource, probeTime, type SourceAccess } from './open-source.ts'

/** What to look for at a source: everything where a member is absent. */
export interface DiscoverRequest extends ArchiveScope {
  readonly source: string | ObjectStore
  readonly listingUrl?: string | undefined
  /** Who reads a source in S3; who writes the lake when absent. */
  readonly sourceAccess?: SourceAccess | undefined
  readonly exchange: string
  readonly range?: TimeRange | undefined
  /** Ask for files that are not listed yet, up to yesterday, since listings go stale. Default: for sources behind HTTP. */
  readonly probe?: boolean | undefined
  /** Read the published sha256 of each new file: one request each. Default false. */
  readonly checksums?: boolean | undefined
}

/** What a source has, and what is other than at the last look. */
export interface DiscoverReport {
  readonly files: number
  readonly bytes: number
  readonly matrix: ArchiveMatrix
  readonly changes: readonly ArchiveChange[]
  /** Files that the source replaced, and the partitions that were made of what it had before: these are marked. */
  readonly restatements: readonly Restatement[]
  readonly overdue: OverdueReport
  /** Entries that lie where data files lie and are none. */
  readonly ignored: readonly IgnoredObject[]
  readonly seconds: number
}

export interface DiscoverSourceOptions {
  readonly signal?: AbortSignal | undefined
  /** Told of the number of files seen, now and then. */
  readonly onProgress?: ((files: number) => void) | undefined
}

/** Tell of progress after so many files. */
const PROGRESS_FILES = 1000

/**
 * Looks through a source, remembers in the lake what it has, and tells what changed since the last look, what is
 * overdue and which partitions rest on replaced files, which are marked for rebuilding. Moves no data file. Memory holds the changes and one entry a
 * dataset, not the files.
 *
 * @throws {@link LakeError} `BAD_REQUEST` for an unknown exchange or a selector that selects nothing; what listing the
 * source throws.
 *
 * @example
 * const report = await discoverSource(lake, { source: 'https://data.binance.vision', exchange: 'binance', markets: ['um'] })
 * console.log(report.files, report.overdue.overdue)
 */
export async function discoverSource(
  lake: Lake,
  request: DiscoverRequest,
  { signal, onProgress }: DiscoverSourceOptions = {},
): Promise<DiscoverReport> {
  const started = lake.now()
  const adapter = lake.exchange(request.exchange)
  const source = openSource(request, adapter)
  const { markets, dataTypes, symbols, intervals, range } = request
  const scope = { markets, dataTypes, symbols, intervals, range }
  const ignored: IgnoredObject[] = []
  const found = discoverArchive({
    adapter,
    source,
    ...scope,
    now: request.probe === undefined ? probeTime(source, started) : request.probe ? started : undefined,
    listingUrl: request.listingUrl,
    onIgnored: (entry) => ignored.push(entry),
    signal,
  })
  const seen = gather(found, onProgress)
  const checksums = request.checksums === true ? ({ source, of: 'new' } as const) : undefined
  const changes: ArchiveChange[] = []
  const restatements: Restatement[] = []
  const scan = scanArchive({
    lake: lake.store,
    adapter,
    files: seen.files(),
    ...scope,
    now: started,
    checksums,
    // Before the scan remembers the change: a kill in between makes the next one tell it again.
    onChanges: async (some) => {
      restatements.push(...(await markRestatements(lake, some, started)))
    },
    signal,
  })
  for await (const change of scan) changes.push(change)
  const matrix = seen.matrix()
  return {
    files: matrix.files,
    bytes: matrix.bytes,
    matrix,
    changes,
    restatements,
    overdue: reportOverdue({ files: seen.newest(), changes, now: started }),
    ignored,
    seconds: (lake.now() - started) / 1_000_000,
  }
}

/** Passes files on, and keeps what the report needs of them. */
function gather(
  found: AsyncIterable<ArchiveFile>,
  onProgress: ((files: number) => void) | undefined,
): {
  files(): AsyncGenerator<ArchiveFile, void, undefined>
  matrix(): ArchiveMatrix
  newest(): Iterable<{ readonly dataset: DatasetId; readonly period: Period }>
} {
  const matrix = createMatrix()
  const newest = new Map<string, { readonly dataset: DatasetId; readonly period: Period }>()
  return {
    async *files() {
      let count = 0
      for await (const file of found) {
        matrix.add(file)
        const name = `${formatDatasetId(file.dataset)} ${file.period.kind}`
        const known = newest.get(name)
        if (known === undefined || known.period.to < file.period.to) newest.set(name, file)
        if (++count % PROGRESS_FILES === 0) onProgress?.(count)
        yield file
      }
    },
    matrix: () => matrix.build(),
    newest: () => newest.values(),
  }
}
