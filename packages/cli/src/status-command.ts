import { formatDatasetId, formatInstant, type Series, silverDataset } from '@lake/core'
import { listRebuildMarks, type Manifest } from '@lake/ledger'
import { type DatasetQuality, heldPassedOver, type Lake, measureQuality, type PassedOverFile } from '@lake/pipeline'
import type { CommandContext, CommonOptions } from './command-context.ts'
import { coverageCells, type CoverageUnit } from './coverage-cells.ts'
import { coverageFrame, coverageMap } from './coverage-map.ts'
import { EXIT } from './exit-code.ts'
import { formatBytes, formatCount, formatDuration, plural } from './format-number.ts'
import { openLake } from './open-lake.ts'
import { passedOverText } from './passed-over-text.ts'
import { printBlocked } from './print-blocked.ts'
import type { Terminal } from './terminal.ts'
import { textTable } from './text-table.ts'

/** One series as the lake holds it. */
interface SeriesStatus {
  readonly table: string
  readonly layer: Series['layer']
  readonly exchange: string
  readonly market: string
  readonly symbol: string
  readonly interval: string | null
  readonly partitions: number
  readonly rows: number
  readonly bytes: number
  readonly first: string | null
  readonly last: string | null
  /** Stretches of missing rows between the first and the last known period; `null` where rows have no grid. */
  readonly gaps: number | null
}

/** A file that its source replaced, whose partitions the next run over them rebuilds. */
interface RebuildStatus {
  readonly dataset: string
  readonly file: string
  readonly partitions: readonly string[]
  readonly since: string
}

/** All that `lake status` tells. */
interface LakeStatus {
  readonly series: readonly SeriesStatus[]
  readonly rebuild: readonly RebuildStatus[]
  /** Files of a day that their source replaced while the month's file stands, by dataset. */
  readonly passedOver: ReadonlyMap<string, readonly PassedOverFile[]>
  readonly quality: readonly DatasetQuality[]
}

/** `lake status`: what the lake holds, told by its manifests. */
export async function statusCommand(
  options: CommonOptions,
  { terminal, signal, workingDirectory }: CommandContext,
): Promise<number> {
  const lake = await openLake(options.lake, { workingDirectory })
  const status = await readStatus(lake, signal)
  if (options.json === true) {
    terminal.out(`${JSON.stringify({ lake: lake.store.url, ...jsonStatus(status, terminal.columns) })}\n`)
  } else if (status.series.length === 0) {
    terminal.out(`The lake ${lake.store.url} is empty. Fill it with: lake run --source URL --dataset ID\n`)
  } else {
    printStatus(status, terminal)
    terminal.out(`\nThe lake lies in ${lake.store.url}\n`)
  }
  return EXIT.complete
}

async function readStatus(lake: Lake, signal: AbortSignal): Promise<LakeStatus> {
  const bySeries = new Map<string, Manifest[]>()
  for await (const manifest of lake.ledger.manifests({ signal })) {
    const name = JSON.stringify(manifest.series)
    const others = bySeries.get(name)
    if (others === undefined) bySeries.set(name, [manifest])
    else others.push(manifest)
  }
  const rebuild: RebuildStatus[] = []
  for await (const { dataset, marks } of listRebuildMarks(lake.store, { signal })) {
    for (const { sourceKey, partitions, markedAt } of marks) {
      rebuild.push({ dataset: formatDatasetId(dataset), file: sourceKey, partitions, since: formatInstant(markedAt) })
    }
  }
  const quality: DatasetQuality[] = []
  for await (const dataset of measureQuality(lake, {}, { signal })) quality.push(dataset)
  const passedOver = new Map<string, readonly PassedOverFile[]>()
  for (const { id, dataset } of quality) {
    const files = await heldPassedOver(lake, dataset)
    if (files.length > 0) passedOver.set(id, files)
  }
  // Between partitions rows are missing too, which no manifest tells.
  const gaps = new Map(quality.map((dataset) => [dataset.id, dataset.gaps]))
  const series = [...bySeries.values()].map((manifests) => statusOf(manifests, gaps))
  return { series, rebuild, passedOver, quality }
}

function jsonStatus(status: LakeStatus, columns: number): Record<string, unknown> {
  const { series, rebuild, quality } = status
  const { unit } = coverageFrame(quality, columns) ?? { unit: 'day' }
  const coverage = quality.map((dataset) => coverageStatus(dataset, unit))
  const blocked = quality.flatMap(({ id, blocked: all }) => all.map((one) => ({ dataset: id, ...one })))
  const failed = quality.flatMap(({ id, failed: all }) => all.map((one) => ({ dataset: id, ...one })))
  const passedOver = [...status.passedOver].map(([dataset, files]) => ({ dataset, files }))
  return { series, rebuild, passedOver, blocked, failed, coverage }
}

function printStatus({ series, rebuild, passedOver, quality }: LakeStatus, terminal: Terminal): void {
  terminal.out(
    textTable(series, [
      { title: 'table', text: (row) => row.table },
      {
        title: 'series',
        text: (row) => [row.exchange, row.market, row.symbol, row.interval].filter(Boolean).join('/'),
      },
      { title: 'partitions', text: (row) => formatCount(row.partitions), align: 'right' },
      { title: 'rows', text: (row) => formatCount(row.rows), align: 'right' },
      { title: 'size', text: (row) => formatBytes(row.bytes), align: 'right' },
      { title: 'first', text: (row) => row.first ?? '-' },
      { title: 'last', text: (row) => row.last ?? '-' },
      { title: 'gaps', text: (row) => (row.gaps === null ? '-' : formatCount(row.gaps)), align: 'right' },
    ]),
  )
  terminal.out(`\n${coverageMap(quality, terminal.columns)}`)
  for (const { id, reaches, age } of quality) {
    if (reaches === undefined || age === undefined) continue
    terminal.out(`${id}: up to ${formatInstant(reaches)}, ${formatDuration(age)} ago\n`)
  }
  printBlocked(quality, terminal)
  for (const { id, failed } of quality) {
    for (const { month, file, reason, since } of failed) {
      terminal.out(`${file === null ? 'failed' : 'refused'}: ${id} ${file ?? month} since ${since}: ${reason}\n`)
    }
  }
  for (const { dataset, file, partitions } of rebuild) {
    terminal.out(
      `${dataset}: ${file} was replaced at its source, ${plural(partitions.length, 'partition')} to rebuild.\n`,
    )
  }
  for (const [id, files] of passedOver) terminal.out(`${id}: ${passedOverText(files) ?? ''}\n`)
}

/** The cells of a dataset's coverage, and how fresh it is. */
function coverageStatus(dataset: DatasetQuality, unit: CoverageUnit): object {
  const { id, reaches, age } = dataset
  return {
    dataset: id,
    unit,
    reaches: reaches === undefined ? null : formatInstant(reaches),
    ageSeconds: age === undefined ? null : age / 1_000_000,
    cells: [...coverageCells(dataset, unit).values()],
  }
}

function statusOf(manifests: readonly Manifest[], gaps: ReadonlyMap<string, number | null>): SeriesStatus {
  const files = manifests.flatMap((manifest) => manifest.files)
  const filled = files.filter((file) => file.rows > 0)
  const series = manifests[0]?.series
  const dataset = series && silverDataset(series)
  return {
    table: series?.table ?? '',
    layer: series?.layer ?? 'silver',
    exchange: series?.exchange ?? '',
    market: series?.market ?? '',
    symbol: series?.symbol ?? '',
    interval: series?.interval ?? null,
    partitions: files.length,
    rows: files.reduce((sum, file) => sum + file.rows, 0),
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    first: filled.length === 0 ? null : formatInstant(Math.min(...filled.map((file) => file.first))),
    last: filled.length === 0 ? null : formatInstant(Math.max(...filled.map((file) => file.last))),
    gaps: (dataset && gaps.get(formatDatasetId(dataset))) ?? null,
  }
}
