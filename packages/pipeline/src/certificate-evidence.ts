import {
  type DatasetId,
  type DataType,
  monthOf,
  parsePeriod,
  type Period,
  rangesOverlap,
  reachOf,
  silverSeries,
} from '@lake/core'
import { fingerprintOf, type Manifest, type ManifestFile } from '@lake/ledger'
import type { CertificateInput } from '@lake/quality'
import type { Lake } from './define-lake.ts'
import { type GoldSource, goldSources } from './gold-sources.ts'
import { type HeldArchive, type HeldFile, type HeldFrames, type HeldPage, uniteInputs } from './held-file.ts'
import { listHeldPages } from './held-pages.ts'
import { indexManifests, type ManifestIndex } from './manifest-index.ts'

/** Raised whenever the same inputs give another certificate. */
const CERTIFICATE_REVISION = 2

/** What there is to compare a partition with: nothing was read yet. */
export interface CertificateEvidence {
  readonly dataset: DatasetId
  readonly period: Period
  readonly partition: ManifestFile
  /** Bronze files that touch the period, whether the partition is made of them or not. */
  readonly monthly: readonly HeldArchive[]
  readonly daily: readonly HeldArchive[]
  readonly rest: readonly HeldPage[]
  readonly live: readonly HeldFrames[]
  /** Silver that bars can be rebuilt from. */
  readonly trades: GoldSource | undefined
  readonly finer: GoldSource | undefined
}

/** Gives the evidence about the partitions of a dataset. */
export interface EvidenceReader {
  evidenceOf(manifest: Manifest, partition: ManifestFile): Promise<CertificateEvidence>
}

const REBUILT_OF: readonly DataType[] = ['klines', 'trades', 'aggTrades']

/** Lists once what the lake holds of a dataset. A snapshot: open it when everything is there. */
export async function openEvidence(lake: Lake, dataset: DatasetId, signal?: AbortSignal): Promise<EvidenceReader> {
  const adapter = lake.exchange(dataset.exchange)
  const archives = new Map<string, HeldFile[]>()
  for (const { key, sourceKey, sha256 } of await lake.ledger.inventory(dataset)) {
    const period = adapter.archive?.parseKey(sourceKey)?.period
    if (period === undefined || sha256 === undefined) continue
    const month = monthOf(period.from)
    archives.set(month, [...(archives.get(month) ?? []), { source: 'archive', key, sha256, period }])
  }
  const pages = await listHeldPages(lake.store, adapter, dataset, signal)
  const index = dataset.dataType === 'klines' ? await indexManifests(lake, dataset, REBUILT_OF) : undefined
  return {
    evidenceOf: async (manifest, partition) => {
      const period = parsePeriod(partition.label)
      const month = monthOf(period.from)
      const files = uniteInputs(adapter, dataset, manifest, [
        ...(archives.get(month) ?? []),
        ...(pages.get(month) ?? []),
      ])
      const around = files.filter((file) => rangesOverlap(reachOf(file.period), period))
      const archived = around.filter((file) => file.source === 'archive')
      return {
        dataset,
        period,
        partition,
        monthly: archived.filter((file) => file.period.kind === 'month'),
        daily: archived.filter((file) => file.period.kind === 'day'),
        rest: around.filter((file) => file.source === 'rest'),
        live: around.filter((file) => file.source === 'ws'),
        ...(await rebuiltOf(index, dataset, period)),
      }
    },
  }
}

async function rebuiltOf(
  index: ManifestIndex | undefined,
  dataset: DatasetId,
  period: Period,
): Promise<Pick<CertificateEvidence, 'trades' | 'finer'>> {
  const { interval } = dataset
  if (index === undefined || interval === undefined) return { trades: undefined, finer: undefined }
  const sources = await goldSources(index, dataset, interval, period)
  return {
    trades: sources.find((source) => source.dataset.dataType !== 'klines'),
    finer: sources.find(({ dataset: of }) => of.dataType === 'klines' && of.interval !== interval),
  }
}

/** The inputs of each part of a certificate. */
export function evidenceInputs(evidence: CertificateEvidence): Readonly<Record<string, readonly CertificateInput[]>> {
  const { monthly, daily, rest, live, trades, finer, partition } = evidence
  const namesOf = (files: readonly { readonly key: string; readonly sha256: string }[]): CertificateInput[] =>
    files.map(({ key, sha256 }) => ({ name: key, sha256 }))
  return {
    ...{ monthly: namesOf(monthly), daily: namesOf(daily), rest: namesOf(rest), live: namesOf(live) },
    ...{ trades: namesOf(trades?.files ?? []), finer: namesOf(finer?.files ?? []), partition: namesOf([partition]) },
  }
}

/** The identity of a certificate before it is made: of all that it compares. */
export function certificateFingerprint(evidence: CertificateEvidence): string {
  const inputs = Object.entries(evidenceInputs(evidence)).flatMap(([part, files]) =>
    files.map(({ name, sha256 }) => `${part} ${name} ${sha256}`),
  )
  return fingerprintOf({ inputs, revision: CERTIFICATE_REVISION, options: { series: silverSeries(evidence.dataset) } })
}
