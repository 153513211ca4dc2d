import { canonicalJson, LakeError, type ObjectStore, readObject, type TimeRange } from '@lake/core'
import { sha256Of } from '@lake/ledger'
import type { Certificate, CertificateInput, PartComparison, PartSummary } from '@lake/quality'
import * as z from 'zod'
import { rowChange } from './restatement-schema.ts'

/** A certificate as the lake keeps it. */
interface SealedCertificate {
  readonly certificate: Certificate
  /** The sha256 of the certificate's canonical JSON, and so of the hashes of all that it compares. */
  readonly seal: string
}

const count = z.int().nonnegative()
const timeRange: z.ZodType<TimeRange> = z.strictObject({ from: z.number(), to: z.number() })
const input: z.ZodType<CertificateInput> = z.strictObject({ name: z.string(), sha256: z.string() })

const part: z.ZodType<PartSummary> = z.strictObject({
  name: z.string(),
  rows: count,
  first: z.number().optional(),
  last: z.number().optional(),
  sums: z.record(z.string(), z.union([z.string(), z.null()])),
  inputs: z.array(input),
})

const comparison: z.ZodType<PartComparison> = z.strictObject({
  left: z.string(),
  right: z.string(),
  ranges: z.array(timeRange),
  agrees: z.boolean(),
  same: count,
  onlyLeft: count,
  onlyRight: count,
  differing: count,
  withoutTrades: count,
  differingColumns: z.record(z.string(), count),
  first: z.array(rowChange),
})

const certificate: z.ZodType<Certificate> = z.strictObject({
  certificate: z.literal(1),
  dataset: z.string(),
  range: timeRange,
  verdict: z.enum(['agrees', 'differs', 'uncompared']),
  parts: z.array(part),
  comparisons: z.array(comparison),
})

const sealed: z.ZodType<SealedCertificate> = z.strictObject({ certificate, seal: z.string() })

/** The seal of a certificate. */
function sealOf(certificate: Certificate): string {
  return sha256Of(canonicalJson(certificate))
}

/** The bytes of a certificate as the lake keeps it. */
export function encodeCertificate(certificate: Certificate): Uint8Array {
  return new TextEncoder().encode(`${canonicalJson({ certificate, seal: sealOf(certificate) }, 1)}\n`)
}

/**
 * A certificate that lies in the lake; `undefined` when there is none, and `'altered'` when what lies there is not what
 * was written: no certificate, or not that of its seal.
 */
export async function readCertificate(
  store: ObjectStore,
  key: string,
  signal?: AbortSignal,
): Promise<Certificate | 'altered' | undefined> {
  let bytes: Uint8Array
  try {
    bytes = await readObject(store, key, { signal })
  } catch (error) {
    if (LakeError.is(error) && error.code === 'NOT_FOUND') return undefined
    throw error
  }
  const found = parseSealed(new TextDecoder().decode(bytes))
  return found === undefined || sealOf(found.certificate) !== found.seal ? 'altered' : found.certificate
}

function parseSealed(text: string): SealedCertificate | undefined {
  try {
    return sealed.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
