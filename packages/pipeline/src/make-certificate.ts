import { formatDatasetId, LakeError, readObject } from '@lake/core'
import { sha256Of } from '@lake/ledger'
import { type Certificate, type CertificatePart, reconcile } from '@lake/quality'
import { evidenceInputs } from './certificate-evidence.ts'
import type { CertificatePartOptions, PartInputs } from './certificate-part-options.ts'
import { withComparableIds } from './comparable-ids.ts'
import { readSilverTable } from './read-silver-table.ts'
import { finerPart, tradesPart } from './rebuilt-parts.ts'
import { archivePart, livePart, restPart } from './source-parts.ts'

/** How many differing rows a pair of parts lists; all are counted. */
const LISTED = 10_000

/**
 * The certificate of a partition: each granularity of the archive, the pages of REST, what was recorded live and what bars
 * can be rebuilt of, parsed anew and compared with each other and with the partition. A pure function of their bytes.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when the partition is not the one of its manifest, and what parsing throws.
 */
export async function makeCertificate(options: CertificatePartOptions): Promise<Certificate> {
  const { dataset, period, monthly, daily } = options.evidence
  const inputs = evidenceInputs(options.evidence)
  return reconcile({
    dataset: formatDatasetId(dataset),
    dataType: dataset.dataType,
    range: period,
    monthly: await archivePart(options, monthly, inputs['monthly'] ?? []),
    daily: await archivePart(options, daily, inputs['daily'] ?? []),
    rest: await restPart(options, inputs['rest'] ?? []),
    live: await livePart(options, inputs['live'] ?? []),
    trades: await tradesPart(options, inputs['trades'] ?? []),
    finer: await finerPart(options, inputs['finer'] ?? []),
    partition: await partitionPart(options, inputs['partition'] ?? []),
    limit: LISTED,
  })
}

async function partitionPart(options: CertificatePartOptions, inputs: PartInputs): Promise<CertificatePart> {
  const { lake, evidence, signal } = options
  const { dataset, partition } = evidence
  const { key, sha256, span } = partition
  const bytes = await readObject(lake.store, key, { signal })
  if (sha256Of(bytes) !== sha256) {
    throw new LakeError(
      'CORRUPT_LAKE',
      `${key} is not the file that its manifest knows. Nothing was changed. Bring it back with lake verify and lake run.`,
      { details: { key } },
    )
  }
  const table = await readSilverTable(bytes, {
    dataType: dataset.dataType,
    options: partition.options,
    name: key,
    signal,
  })
  return { table: withComparableIds(options, table), inputs, covered: [span] }
}
