import type { TransferredFile } from './transferred-file.ts'

/** What a number of transfers came to. */
export interface TransferSummary {
  readonly files: number
  /** Of all files, whether they came now or were there. */
  readonly bytes: number
  readonly seconds: number
  /** Requests to the source, where somebody counted them. */
  readonly requests?: number | undefined
  /** Payload that went through this process, failed tries included: 0 when everything was there. */
  readonly bytesThroughClient: number
  readonly retries: number
  /** The target had them already. */
  readonly skipped: number
  /** Later versions of files that the target held. */
  readonly restated: number
  /** The archive publishes no checksum of them. */
  readonly unverified: number
}

/**
 * Adds transfers up.
 *
 * @param seconds how long all of them took together, on the caller's clock
 * @param requests how many requests the source answered, where that was counted
 *
 * @example
 * summarizeTransfers(transferred, 1.5) // { files: 3, bytes: 212971, seconds: 1.5, skipped: 0, … }
 */
export function summarizeTransfers(
  files: Iterable<TransferredFile>,
  seconds: number,
  requests?: number,
): TransferSummary {
  const sum = { files: 0, bytes: 0, bytesThroughClient: 0, retries: 0, skipped: 0, restated: 0, unverified: 0 }
  for (const file of files) {
    sum.files++
    sum.bytes += file.size
    sum.bytesThroughClient += file.bytesReceived
    sum.retries += file.retries
    if (file.skipped) sum.skipped++
    if (file.restated) sum.restated++
    if (!file.verified) sum.unverified++
  }
  return { ...sum, seconds, ...(requests === undefined ? {} : { requests }) }
}
