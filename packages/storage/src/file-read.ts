import { type FileHandle, open } from 'node:fs/promises'
import { type GetOptions, LakeError, type StoredObject } from '@lake/core'
import { bodyChunks } from './body-chunks.ts'
import { type ByteRange, clampRange, requestedRange } from './byte-range.ts'
import { translated } from './file-error.ts'
import { infoOf, isAbsence } from './file-info.ts'
import { checkMatch } from './put-condition.ts'

/** Small objects come as one chunk, with the file closed before the body is asked for. */
const CHUNK_BYTES = 524_288

/**
 * An object and its body from one open file: a put meanwhile replaces the name, not the bytes that are read here.
 *
 * @throws {@link LakeError} `NOT_FOUND`, `CONFLICT`, or what the operating system says.
 */
export async function readFile(path: string, key: string, options: GetOptions): Promise<StoredObject> {
  const requested = requestedRange(options.range)
  const { signal } = options
  const file = await openFile(path, key)
  let isLent = false
  try {
    const stats = await translated(file.stat({ bigint: true }), { doing: 'read', path })
    if (!stats.isFile()) throw notFound(path, key)
    const info = infoOf(key, stats)
    checkMatch(info, options.ifMatch)
    const range = clampRange(requested, info.size)
    isLent = range.end - range.start > CHUNK_BYTES
    if (isLent) return { info, body: chunksOf(file, path, range, signal) }
    return { info, body: bodyChunks(await readChunk(file, path, range), signal) }
  } finally {
    if (!isLent) await file.close()
  }
}

async function openFile(path: string, key: string): Promise<FileHandle> {
  const opening = open(path).catch((error: unknown) => {
    if (isAbsence(error)) return undefined
    throw error
  })
  const file = await translated(opening, { doing: 'read', path })
  if (file === undefined) throw notFound(path, key)
  return file
}

async function* chunksOf(
  file: FileHandle,
  path: string,
  range: ByteRange,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for (let start = range.start; start < range.end; start += CHUNK_BYTES) {
      signal?.throwIfAborted()
      yield await readChunk(file, path, { start, end: Math.min(start + CHUNK_BYTES, range.end) })
    }
    signal?.throwIfAborted()
  } finally {
    await file.close()
  }
}

async function readChunk(file: FileHandle, path: string, { start, end }: ByteRange): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start)
  for (let filled = 0; filled < bytes.length;) {
    const reading = file.read(bytes, filled, bytes.length - filled, start + filled)
    const { bytesRead } = await translated(reading, { doing: 'read', path })
    if (bytesRead === 0) {
      throw new LakeError(
        'STORE_FAILED',
        `${path} ended at byte ${start + filled} while it was read, before byte ${end}: something else than a lake ` +
          'store writes to it. Stop that, restore the file, and read again.',
        { details: { path, expected: end, found: start + filled } },
      )
    }
    filled += bytesRead
  }
  return bytes
}

function notFound(path: string, key: string): LakeError {
  return new LakeError('NOT_FOUND', `There is no object '${key}': no file ${path}.`, { details: { key, path } })
}
