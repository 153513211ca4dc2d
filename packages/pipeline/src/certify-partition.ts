import {
  certificateKey,
  certificatePrefix,
  formatDatasetId,
  type ObjectStore,
  type Series,
  silverSeries,
} from '@lake/core'
import type { Certificate } from '@lake/quality'
import { encodeCertificate, readCertificate } from './certificate-file.ts'
import { type CertificateEvidence, certificateFingerprint, evidenceInputs } from './certificate-evidence.ts'
import { makeCertificate, type MakeCertificateOptions } from './make-certificate.ts'

/** A partition and its certificate. */
export interface CertifiedPartition {
  /** The dataset. */
  readonly id: string
  /** `2024-01` or `2024-01-31`. */
  readonly label: string
  /** The partition's key, and that of its certificate. */
  readonly key: string
  readonly certificateKey: string
  readonly certificate: Certificate
  /**
   * `made` now; `standing`, made earlier of the same inputs; `altered` when what lay there was not what these inputs
   * give: it was made again.
   */
  readonly state: 'made' | 'standing' | 'altered'
  /** The inputs that no earlier certificate of the partition knew; empty when this is the first. */
  readonly changed: readonly string[]
}

export interface CertifyPartitionOptions extends MakeCertificateOptions {
  /** True makes every certificate again from the bytes, and compares it with the one that lies there. */
  readonly recompute: boolean
}

/**
 * Brings the certificate of a partition up to date. One that was made of the same inputs is read and its seal checked;
 * other inputs have a certificate of another name, so an older one is never taken for it.
 */
export async function certifyPartition(options: CertifyPartitionOptions): Promise<CertifiedPartition> {
  const { lake, evidence, recompute, signal } = options
  const { dataset, partition } = evidence
  const { label } = partition
  const series = silverSeries(dataset)
  const key = certificateKey(series, label, certificateFingerprint(evidence))
  const about = { id: formatDatasetId(dataset), label, key: partition.key, certificateKey: key }
  const known = await readCertificate(lake.store, key, signal)
  if (known !== undefined && known !== 'altered' && !recompute) {
    return { ...about, certificate: known, state: 'standing', changed: [] }
  }
  const changed = known === undefined ? await changedInputs(lake.store, { series, label, evidence, signal }) : []
  const certificate = await makeCertificate(options)
  const bytes = encodeCertificate(certificate)
  const isSame = known !== undefined && known !== 'altered' && Buffer.from(encodeCertificate(known)).equals(bytes)
  if (isSame) return { ...about, certificate, state: 'standing', changed }
  await lake.store.put(key, bytes, { signal })
  return { ...about, certificate, state: known === undefined ? 'made' : 'altered', changed }
}

interface EarlierCertificates {
  readonly series: Series
  readonly label: string
  readonly evidence: CertificateEvidence
  readonly signal: AbortSignal | undefined
}

async function changedInputs(
  store: ObjectStore,
  { series, label, evidence, signal }: EarlierCertificates,
): Promise<string[]> {
  const known = new Set<string>()
  for await (const { key } of store.list({ prefix: `${certificatePrefix(series)}${label}.`, signal })) {
    const earlier = await readCertificate(store, key, signal)
    if (earlier === undefined || earlier === 'altered') continue
    for (const { name, sha256 } of earlier.parts.flatMap(({ inputs }) => inputs)) known.add(`${name} ${sha256}`)
  }
  if (known.size === 0) return []
  const inputs = Object.values(evidenceInputs(evidence)).flat()
  return [...new Set(inputs.filter(({ name, sha256 }) => !known.has(`${name} ${sha256}`)).map(({ name }) => name))]
}
