import { LakeError, type ObjectInfo, type ObjectStore } from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'
import type { KeptBytes } from './kept-bytes.ts'
import { type PublishedChecksum, readPublishedChecksum } from './published-checksum.ts'
import { holdLanded } from './hold-landed.ts'
import { restatedKey, restatedPrefix } from './restated-key.ts'
import { retrying } from './retrying.ts'
import { digestOf, verifiedStream } from './verified-stream.ts'
import type { KnownFile, TransferProgress, TransferredFile } from './transferred-file.ts'

export interface TransferFileOptions {
  readonly file: Pick<ArchiveFile, 'key' | 'size' | 'checksumKey'> & Partial<Pick<ArchiveFile, 'etag'>>
  readonly source: ObjectStore
  readonly target: ObjectStore
  /** Where its first version lies in the target. */
  readonly targetKey: string
  /** Saves reading what the target holds: its sha256 is believed while the etag is the same. */
  readonly known?: KnownFile | undefined
  /** Keeps what is read of the target to be hashed, for whoever parses it. */
  readonly kept?: KeptBytes | undefined
  /** How often a failure of the network is tried in all. Default 4. */
  readonly attempts?: number | undefined
  /** Milliseconds before the second try, doubling from then on, with jitter. Default 500. */
  readonly pauseMillis?: number | undefined
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Takes one file of the archive into the target, verified on the way: the bytes are hashed while they stream, and a
 * sha256 other than the published one fails the put, so that nothing lands. The CHECKSUM is stored beside the file,
 * as received, under `<key>.CHECKSUM`.
 *
 * What the target holds already is compared with the published sha256, or, where none is published, with the size
 * (with the bytes, where the source shows another etag than is known): the same is skipped without asking the source for it; something else is a restatement, which lies beside the first
 * version under {@link restatedKey}. Nothing in the target is ever replaced. Safe against other
 * processes that take the same file, and against being killed at any moment. Memory is that of a few chunks.
 *
 * @throws {@link LakeError} `CHECKSUM_MISMATCH` when the bytes differ from the CHECKSUM, twice.
 * @throws {@link LakeError} `WRONG_FILE` or `BAD_FORMAT` when the CHECKSUM is another file's or unreadable.
 * @throws {@link LakeError} `UNAVAILABLE` when the source stays unreachable, or breaks off, through all attempts.
 * @throws {@link LakeError} `CORRUPT_LAKE` when a later version in the target is not what its name says.
 * Other failures of the two stores pass through. Whatever fails, nothing half or unproven lies in the target.
 *
 * @example
 * const { sha256 } = await transferFile({ file, source, target, targetKey: bronzeArchiveKey('binance', file.key) })
 */
export async function transferFile(options: TransferFileOptions): Promise<TransferredFile> {
  const { attempts = 4, pauseMillis = 500, signal } = options
  signal?.throwIfAborted()
  const transfer: Transfer = { ...options, bytesReceived: 0, landedKey: undefined }
  let retries = 0
  const onRetry = (): void => {
    retries++
  }
  const { info, sha256, verified } = await retrying({ attempts, pauseMillis, signal, onRetry }, () => tryOnce(transfer))
  return {
    key: info.key,
    sourceKey: options.file.key,
    size: info.size,
    sha256,
    etag: info.etag,
    verified,
    skipped: transfer.landedKey !== info.key,
    restated: info.key !== options.targetKey,
    bytesReceived: transfer.bytesReceived,
    retries,
  }
}

interface Transfer extends TransferFileOptions {
  bytesReceived: number
  /** Set once the payload lies there, so that a later try knows it for its own. */
  landedKey: string | undefined
}

interface Held {
  readonly info: ObjectInfo
  readonly sha256: string
}

async function tryOnce(transfer: Transfer): Promise<Held & { readonly verified: boolean }> {
  const { file, source, target, targetKey, signal } = transfer
  const published = await readPublishedChecksum(source, file, signal)
  const later = await knownLater(transfer, published)
  if (later !== undefined) return { ...later, verified: true }
  const first = await target.head(targetKey, { signal })
  const held =
    first === undefined ? await land(transfer, targetKey, published) : await compare(transfer, first, published)
  return { ...held, verified: published !== undefined }
}

/** A later version that is remembered, still lies there and is the published one: the first need not be read then. */
async function knownLater(transfer: Transfer, published: PublishedChecksum | undefined): Promise<Held | undefined> {
  const { known, target, targetKey, signal } = transfer
  if (published === undefined || known?.key === undefined || known.key === targetKey) return undefined
  if (known.sha256 !== published.sha256) return undefined
  const info = await target.head(known.key, { signal })
  return info !== undefined && isKnown(transfer, info) ? { info, sha256: published.sha256 } : undefined
}

async function compare(transfer: Transfer, first: ObjectInfo, published: PublishedChecksum | undefined): Promise<Held> {
  const { file, target, targetKey, signal } = transfer
  if (published === undefined && isReplaced(transfer)) return compareBytes(transfer, first)
  if (published === undefined) {
    if (first.size === file.size) return { info: first, sha256: await heldDigest(transfer, first) }
    for await (const info of target.list({ prefix: restatedPrefix(targetKey), signal })) {
      if (info.size === file.size) return { info, sha256: await heldDigest(transfer, info) }
    }
    return land(transfer, await unpublishedKey(transfer), published)
  }
  const { sha256 } = published
  if ((await heldDigest(transfer, first)) === sha256) return keepChecksum(transfer, { info: first, sha256 }, published)
  const key = restatedKey(targetKey, sha256)
  const info = await target.head(key, { signal })
  if (info === undefined) return land(transfer, key, published)
  const digest = await heldDigest(transfer, info)
  if (digest === sha256) return keepChecksum(transfer, { info, sha256 }, published)
  throw new LakeError(
    'CORRUPT_LAKE',
    `${target.url}: ${key} has the sha256 ${digest}, but its name promises ${sha256.slice(0, 12)}. ` +
      'It was damaged after it had been stored. Nothing was changed: delete it and run again.',
    { details: { key, sha256: digest, expected: sha256 } },
  )
}

/** The source shows another etag than when the file was taken: then the same size proves nothing. */
function isReplaced({ file: { etag = '' }, known }: Transfer): boolean {
  return etag !== '' && known?.sourceEtag !== undefined && known.sourceEtag !== etag
}

async function compareBytes(transfer: Transfer, first: ObjectInfo): Promise<Held> {
  const { file, source, target, targetKey, signal } = transfer
  const sha256 = await digestOf((await source.get(file.key, { signal })).body)
  if ((await heldDigest(transfer, first)) === sha256) return { info: first, sha256 }
  const key = restatedKey(targetKey, sha256)
  const info = await target.head(key, { signal })
  return info === undefined ? land(transfer, key, undefined) : { info, sha256 }
}

/** The name of a later version has its digest in it, so where none is published the payload is read once for that. */
async function unpublishedKey({ file, source, targetKey, signal }: Transfer): Promise<string> {
  const { body } = await source.get(file.key, { signal })
  return restatedKey(targetKey, await digestOf(body))
}

async function land(transfer: Transfer, key: string, published: PublishedChecksum | undefined): Promise<Held> {
  const { source, target, file, onProgress, signal } = transfer
  const { info: offered, body } = await source.get(file.key, { signal })
  const stream = verifiedStream({
    body,
    // Only where nothing is published is the listed size the best that is known of the file.
    size: published === undefined ? file.size : offered.size,
    expected: published?.sha256,
    origin: source.url,
    key: file.key,
    onChunk: (chunk, bytes) => {
      transfer.bytesReceived += chunk
      onProgress?.({ key: file.key, bytes, size: offered.size })
    },
    signal,
  })
  const info = await target.put(key, stream.body, { ifAbsent: true, signal }).catch((error: unknown) => {
    // A store may wrap what its input threw; the reason itself says more.
    throw stream.failure ?? error
  })
  transfer.landedKey = key
  // Before its CHECKSUM, or that might come to lie beside the bytes of somebody else.
  await holdLanded(target, info, signal)
  // Whatever CHECKSUM lies there belongs to a file that is gone.
  if (published !== undefined) await target.put(checksumKey(key), published.bytes, { signal })
  return { info, sha256: stream.sha256 }
}

/** A run that was killed between a file and its CHECKSUM left none beside it. */
async function keepChecksum(transfer: Transfer, held: Held, published: PublishedChecksum): Promise<Held> {
  const { target, signal } = transfer
  const key = checksumKey(held.info.key)
  if (isKnown(transfer, held.info) || (await target.head(key, { signal })) !== undefined) return held
  await target.put(key, published.bytes, { signal })
  return held
}

async function heldDigest(transfer: Transfer, info: ObjectInfo): Promise<string> {
  const { target, known, kept, signal } = transfer
  if (known?.sha256 !== undefined && isKnown(transfer, info)) return known.sha256
  if (kept !== undefined) return kept.digest(target, info, { signal })
  const { body } = await target.get(info.key, { signal })
  return digestOf(body)
}

function isKnown({ known }: Transfer, info: ObjectInfo): boolean {
  return info.etag !== '' && info.etag === known?.etag
}

function checksumKey(key: string): string {
  return `${key}.CHECKSUM`
}
