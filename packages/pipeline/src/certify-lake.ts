import {
  type DatasetId,
  formatDatasetId,
  LakeError,
  manifestPrefix,
  parsePeriod,
  rangesOverlap,
  silverSeries,
  type TimeRange,
} from '@lake/core'
import { type Manifest, openManifestReader } from '@lake/ledger'
import { openEvidence } from './certificate-evidence.ts'
import { type CertifiedPartition, certifyPartition } from './certify-partition.ts'
import type { Lake } from './define-lake.ts'
import { heldDatasets } from './held-datasets.ts'
import { listCertificates } from './kept-certificates.ts'
import { ANY_SHARE } from './source-parts.ts'
import { planDataset } from './plan-run.ts'
import { inventoryFile } from './inventory-file.ts'
import type { RunFailure } from './run-failure.ts'
import { requestedDatasets, type RunRequest } from './run-request.ts'
import { openSpanningFiles } from './spanning-files.ts'
import { openSharedInventories } from './shared-inventories.ts'
import { transferMonth } from './transfer-month.ts'

/** What to certify. */
export interface CertifyRequest extends Partial<Pick<RunRequest, 'source' | 'listingUrl' | 'sourceAccess'>> {
  /** All that the lake holds when absent. */
  readonly datasets?: readonly (DatasetId | string)[] | undefined
  /** The partitions that touch it; closed-open. */
  readonly range?: TimeRange | undefined
  /** Makes every certificate again from the bytes, and tells those that lay there altered. */
  readonly recompute?: boolean | undefined
}

export interface CertifyOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?:
    ((progress: { readonly id: string; readonly done: number; readonly total: number }) => void) | undefined
}

/** What was certified. */
export interface CertifyReport {
  readonly partitions: readonly CertifiedPartition[]
  /** Files that were taken from the source to be compared. */
  readonly filesFetched: number
  readonly failures: readonly RunFailure[]
}

/**
 * Certifies the silver partitions of a lake: monthly files, daily files, REST pages, recordings, and bars rebuilt
 * from trades and from finer bars are compared with each other and with the partition, and the certificate is kept in the lake.
 *
 * With a `source`, the files of the other granularity are taken into bronze first, to be compared: silver is not made
 * of them. A partition whose inputs are those of its certificate is not read again. One certificate of a partition is
 * kept, the newest, and one of each of its versions that is kept itself; what they outlive is deleted.
 *
 * @throws {@link LakeError} `BAD_REQUEST` for a malformed request. What fails for one dataset is in `failures`.
 *
 * @example
 * const { partitions } = await certifyLake(lake, { datasets: ['binance/spot/klines/BTCUSDT/1m'] })
 * console.log(partitions.map(({ label, certificate }) => `${label} ${certificate.verdict}`))
 */
export async function certifyLake(
  lake: Lake,
  request: CertifyRequest = {},
  options: CertifyOptions = {},
): Promise<CertifyReport> {
  const datasets =
    request.datasets === undefined
      ? await heldDatasets(openManifestReader(lake.store, options.signal))
      : requestedDatasets({ datasets: request.datasets })
  const partitions: CertifiedPartition[] = []
  const failures: RunFailure[] = []
  let filesFetched = 0
  for (const dataset of datasets) {
    const id = formatDatasetId(dataset)
    const attempt = async (work: () => Promise<void>): Promise<void> => {
      try {
        await work()
      } catch (error) {
        if (!LakeError.is(error)) throw error
        failures.push({ id, error })
      }
    }
    await attempt(async () => {
      filesFetched += await fetchOthers(lake, dataset, request, options)
    })
    await attempt(async () => {
      for await (const certified of certifyDataset(lake, dataset, request, options)) partitions.push(certified)
    })
  }
  return { partitions, filesFetched, failures }
}

async function* certifyDataset(
  lake: Lake,
  dataset: DatasetId,
  { range, recompute = false }: CertifyRequest,
  { signal, onProgress }: CertifyOptions,
): AsyncGenerator<CertifiedPartition, void, undefined> {
  const manifests = await manifestsOf(lake, dataset, range, signal)
  if (manifests.length === 0) throw nothingHeld(dataset)
  const adapter = lake.exchange(dataset.exchange)
  const evidence = await openEvidence(lake, dataset, signal)
  const certificates = await listCertificates(lake.store, silverSeries(dataset), signal)
  const total = manifests.reduce((sum, { files }) => sum + files.length, 0)
  let done = 0
  for (const manifest of manifests) {
    // Files that span days are cut once for the days of their month.
    await using spanning = openSpanningFiles({ lake, adapter, dataset, quarantineLimit: ANY_SHARE, signal })
    for (const partition of manifest.files) {
      signal?.throwIfAborted()
      const of = await evidence.evidenceOf(manifest, partition)
      const kept = certificates.get(partition.label) ?? []
      const versions = keptVersions(manifest, partition.label)
      yield await certifyPartition({ lake, evidence: of, spanning, recompute, kept, versions, signal })
      onProgress?.({ id: formatDatasetId(dataset), done: ++done, total })
    }
  }
}

/** The sha256 of the versions of a partition that can still be read as of their time. */
function keptVersions({ superseded = [] }: Manifest, label: string): ReadonlySet<string> {
  const held = superseded.filter((one) => one.label === label && one.prunedAt === undefined)
  return new Set(held.map(({ sha256 }) => sha256))
}

/** The manifests of a dataset, with the partitions that touch a range. */
async function manifestsOf(
  lake: Lake,
  dataset: DatasetId,
  range: TimeRange | undefined,
  signal: AbortSignal | undefined,
): Promise<Manifest[]> {
  const manifests: Manifest[] = []
  for await (const manifest of lake.ledger.manifests({ prefix: manifestPrefix(silverSeries(dataset)), signal })) {
    const files = manifest.files.filter(({ label }) => range === undefined || rangesOverlap(parsePeriod(label), range))
    if (files.length > 0) manifests.push({ ...manifest, files })
  }
  return manifests
}

function nothingHeld(dataset: DatasetId): LakeError {
  const id = formatDatasetId(dataset)
  return new LakeError('NOT_FOUND', `The lake holds nothing of ${id} to certify. Bring it in first with lake run.`, {
    details: { dataset: id },
  })
}

/** Takes the files of months that the lake holds into bronze, monthly and daily ones; gives how many moved. */
async function fetchOthers(
  lake: Lake,
  dataset: DatasetId,
  { range, source, listingUrl, sourceAccess }: CertifyRequest,
  { signal }: CertifyOptions,
): Promise<number> {
  if (source === undefined) return 0
  const held = new Set((await manifestsOf(lake, dataset, range, signal)).map(({ month }) => month))
  if (held.size === 0) return 0
  const plan = await planDataset(lake, { source, listingUrl, sourceAccess, range }, dataset, {
    reconcile: true,
    signal,
  })
  const shared = await openSharedInventories(lake, dataset, plan.months)
  const own = await lake.ledger.inventory(dataset)
  const inventory = new Map([...own.map((file) => [file.sourceKey, file] as const), ...shared.held])
  const etags = new Map(plan.months.flatMap(({ files }) => files.map(({ key, etag }) => [key, etag])))
  let fetched = 0
  for (const month of plan.months.filter((one) => held.has(one.month))) {
    const arrival = await transferMonth({ lake, plan, month, inventory, onFile: () => undefined, signal })
    const noted = arrival.landed.map((file) => inventoryFile(file, etags))
    await lake.ledger.recordInventory(dataset, noted)
    shared.add(noted)
    await shared.settle()
    const error = arrival.error ?? arrival.refused[0]?.error
    if (error !== undefined) throw error
    fetched += arrival.landed.filter(({ skipped }) => !skipped).length
  }
  return fetched
}
