import { certificateKey, formatDatasetId, silverSeries } from '@lake/core'
import type { Certificate } from '@lake/quality'
import { encodeCertificate, readCertificate } from './certificate-file.ts'
import type { CertificatePartOptions } from './certificate-part-options.ts'
import { type CertificateEvidence, certificateFingerprint, evidenceInputs } from './certificate-evidence.ts'
import { isOutlived, type KeptCertificate, readCertificates } from './kept-certificates.ts'
import { makeCertificate } from './make-certificate.ts'

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

export interface CertifyPartitionOptions extends CertificatePartOptions {
  /** True makes every certificate again from the bytes, and compares it with the one that lies there. */
  readonly recompute: boolean
  /** The keys of the certificates of the partition that lie in the lake. */
  readonly kept: readonly string[]
  /** The sha256 of its superseded versions whose bytes are kept. */
  readonly versions: ReadonlySet<string>
}

/**
 * Brings the certificate of a partition up to date. One that was made of the same inputs is read and its seal checked;
 * other inputs have a certificate of another name, so an older one is never taken for it. When the newest lies there,
 * those that it outlives are deleted: killed in between, the next call deletes them.
 */
export async function certifyPartition(options: CertifyPartitionOptions): Promise<CertifiedPartition> {
  const { lake, evidence, recompute, kept, versions, signal } = options
  const { dataset, partition } = evidence
  const { label, sha256: current } = partition
  const key = certificateKey(silverSeries(dataset), label, certificateFingerprint(evidence))
  const others = await readCertificates(
    lake.store,
    kept.filter((one) => one !== key),
    signal,
  )
  const made = await bringUp(options, key, recompute)
  for (const other of others) {
    if (isOutlived(other, { current, versions })) await lake.store.delete(other.key, { signal })
  }
  const changed = made.isNew ? changedInputs(others, evidence) : []
  const { certificate, state } = made
  return { id: formatDatasetId(dataset), label, key: partition.key, certificateKey: key, certificate, state, changed }
}

interface BroughtUp extends Pick<CertifiedPartition, 'certificate' | 'state'> {
  /** No certificate of these inputs lay there. */
  readonly isNew: boolean
}

async function bringUp(options: CertificatePartOptions, key: string, recompute: boolean): Promise<BroughtUp> {
  const { lake, signal } = options
  const known = await readCertificate(lake.store, key, signal)
  const isNew = known === undefined
  const isSealed = known !== undefined && known !== 'altered'
  if (isSealed && !recompute) return { certificate: known, state: 'standing', isNew }
  const certificate = await makeCertificate(options)
  const bytes = encodeCertificate(certificate)
  if (isSealed && Buffer.from(encodeCertificate(known)).equals(bytes)) return { certificate, state: 'standing', isNew }
  await lake.store.put(key, bytes, { signal })
  return { certificate, state: isNew ? 'made' : 'altered', isNew }
}

function changedInputs(others: readonly KeptCertificate[], evidence: CertificateEvidence): string[] {
  const known = new Set<string>()
  for (const { certificate } of others) {
    for (const { name, sha256 } of certificate?.parts.flatMap(({ inputs }) => inputs) ?? [])
      known.add(`${name} ${sha256}`)
  }
  if (known.size === 0) return []
  const inputs = Object.values(evidenceInputs(evidence)).flat()
  return [...new Set(inputs.filter(({ name, sha256 }) => !known.has(`${name} ${sha256}`)).map(({ name }) => name))]
}
