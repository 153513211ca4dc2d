import { manifestPrefix, type Series } from './lake-path.ts'

/** A change of a partition from one version to the next: what the key of its report is made of. */
export interface VersionChange {
  readonly series: Series
  /** `2024-01` or `2024-01-31`. */
  readonly label: string
  /** The sha256 of the version that was the truth, and of the one that took its place. */
  readonly before: string
  readonly after: string
}

/**
 * The key of the report on the rows that differ between two versions of a partition. Two versions have one report: a
 * crash between the report and the commit leaves one that the next run writes again, byte for byte.
 */
export function restatementKey({ series, label, before, after }: VersionChange): string {
  return `${reportPrefix('restatements', series)}${label}.${before.slice(0, 16)}-${after.slice(0, 16)}.json`
}

/** The folder of the certificates of a series. */
export function certificatePrefix(series: Series): string {
  return reportPrefix('certificates', series)
}

/**
 * The key of a partition's certificate.
 *
 * @param fingerprint of all that it compares: other inputs have a certificate of their own
 */
export function certificateKey(series: Series, label: string, fingerprint: string): string {
  return `${certificatePrefix(series)}${label}.${fingerprint.slice(0, 16)}.json`
}

/** What a check of one partition against another is about: what the key of its report is made of. */
export interface CrossCheckName {
  /** Of the partition whose rows are looked at. */
  readonly series: Series
  /** `2024-01` or `2024-01-31`. */
  readonly label: string
  /** The sha256 of that partition, and of the one that it is compared with. */
  readonly own: string
  readonly reference: string
  /** The identity of the check, lower-case hex. */
  readonly check: string
}

/** The folder of the cross-checks of a series. */
export function crossCheckPrefix(series: Series): string {
  return reportPrefix('cross-checks', series)
}

/** The key of the report on a cross-check: other bytes, or another check, have one of their own. */
export function crossCheckKey({ series, label, own, reference, check }: CrossCheckName): string {
  const name = [own, reference].map((sha256) => sha256.slice(0, 16)).join('-')
  return `${crossCheckPrefix(series)}${label}.${name}.${check.slice(0, 8)}.json`
}

/** `_lake/reports/certificates/klines/binance/spot/BTCUSDT/1m/` */
function reportPrefix(kind: string, series: Series): string {
  return manifestPrefix(series).replace('_lake/manifests/', `_lake/reports/${kind}/`)
}
