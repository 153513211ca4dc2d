import type { CertificatePart } from '@lake/quality'
import type { CertificateEvidence } from './certificate-evidence.ts'
import type { Lake } from './define-lake.ts'
import type { SpanningFiles } from './spanning-files.ts'

/** What the parts of a certificate are read from. */
export interface CertificatePartOptions {
  readonly lake: Lake
  readonly evidence: CertificateEvidence
  /** Reads files that span several partitions. */
  readonly spanning: SpanningFiles
  readonly signal?: AbortSignal | undefined
}

/** The inputs of a part, by name and hash. */
export type PartInputs = CertificatePart['inputs']
