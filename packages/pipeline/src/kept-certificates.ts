import { certificatePrefix, type ObjectStore, type Series } from '@lake/core'
import type { Certificate } from '@lake/quality'
import { readCertificate } from './certificate-file.ts'

/** A certificate of a partition that lies in the lake. */
export interface KeptCertificate {
  readonly key: string
  /** `undefined` when it is not what was written. */
  readonly certificate: Certificate | undefined
}

/** The keys of the certificates of a series, by the label of their partition. Lists once, and reads none. */
export async function listCertificates(
  store: ObjectStore,
  series: Series,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const prefix = certificatePrefix(series)
  const keys = new Map<string, string[]>()
  for await (const { key } of store.list({ prefix, signal })) {
    const label = key.slice(prefix.length).split('.', 1)[0] ?? ''
    const others = keys.get(label)
    if (others === undefined) keys.set(label, [key])
    else others.push(key)
  }
  return keys
}

/** Reads certificates; one that vanished since it was listed is left out. */
export async function readCertificates(
  store: ObjectStore,
  keys: readonly string[],
  signal?: AbortSignal,
): Promise<readonly KeptCertificate[]> {
  const read: KeptCertificate[] = []
  for (const key of keys) {
    const certificate = await readCertificate(store, key, signal)
    if (certificate !== undefined) read.push({ key, certificate: certificate === 'altered' ? undefined : certificate })
  }
  return read
}

/**
 * Whether a certificate has had its day, when the one of the partition as it is lies there: another one of the same
 * bytes, made of less or other evidence, one of bytes that the lake keeps no more, or one that was altered. The
 * certificate of a version that can be read as of its time stays with it.
 *
 * @param current the sha256 of the partition
 * @param versions those of its superseded versions whose bytes are kept
 */
export function isOutlived(
  kept: KeptCertificate,
  { current, versions }: { readonly current: string; readonly versions: ReadonlySet<string> },
): boolean {
  const own = certifiedSha256(kept)
  return own === undefined || own === current || !versions.has(own)
}

/** The sha256 of the partition that a certificate is about. */
export function certifiedSha256({ certificate }: KeptCertificate): string | undefined {
  return certificate?.parts.find(({ name }) => name === 'partition')?.inputs[0]?.sha256
}
