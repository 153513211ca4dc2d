import { LakeError, type SourceFormat } from '@lake/core'
import { ByteSource } from './byte-source.ts'
import { gunzipFile } from './gunzip-file.ts'
import { inflateMember } from './inflate-member.ts'
import { Sha256Check } from './sha256-check.ts'
import { streamZipMember } from './stream-zip-member.ts'
import { readZipMember } from './zip-member.ts'

export interface ContentOptions {
  readonly source: AsyncIterable<Uint8Array> | Uint8Array
  /** The file's own name, for messages. */
  readonly archive: string
  readonly container: SourceFormat['container']
  readonly sha256: string | undefined
  /** The largest content that is accepted, in bytes. */
  readonly maxBytes: number
  readonly signal: AbortSignal | undefined
}

const ENDINGS: Readonly<Record<SourceFormat['container'], string>> = {
  'zip-csv': '.zip',
  'gzip-csv': '.csv.gz',
  csv: '.csv',
}

/** A source that has more than this is read as it comes. */
const STREAM_FROM = 8 * 2 ** 20

/**
 * The name of the CSV in a file.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the file's name does not end as those of its container do
 */
export function csvNameOf(archive: string, container: SourceFormat['container']): string {
  const ending = ENDINGS[container]
  if (archive.endsWith(ending) && archive.length > ending.length) return `${archive.slice(0, -ending.length)}.csv`
  throw new LakeError('BAD_REQUEST', `'${archive}' is not the name of a ${ending.slice(1)} file.`, {
    details: { file: archive },
  })
}

/** The CSV in a file. */
export interface FileContent {
  /** Its bytes, chunk by chunk; the last one comes after every checksum was found right. */
  readonly chunks: AsyncIterable<Uint8Array>
  /** To be called with what the reading of the chunks ended in: bytes that are not the published ones explain it. */
  explain(error: unknown): Promise<unknown>
  /** Closes the source. */
  close(): Promise<void>
}

/**
 * Opens a file.
 *
 * @throws {@link LakeError} its chunks throw `CHECKSUM_MISMATCH`, `BAD_ARCHIVE`, `WRONG_FILE`
 */
export function openContent(options: ContentOptions): FileContent {
  const { source, archive, signal } = options
  const check = new Sha256Check(archive, options.sha256)
  if (source instanceof Uint8Array) {
    return {
      chunks: wholeContent(options, source, check),
      explain: (error) => Promise.resolve(error),
      close: () => Promise.resolve(),
    }
  }
  const bytes = new ByteSource(watched(source, check, signal))
  return {
    chunks: streamContent(options, bytes, check),
    async explain(error) {
      if (!LakeError.is(error)) return error
      await bytes.drain()
      return check.mismatch() ?? error
    },
    close: () => bytes.close(),
  }
}

async function* wholeContent(
  options: ContentOptions,
  bytes: Uint8Array,
  check: Sha256Check,
): AsyncGenerator<Uint8Array, void, undefined> {
  options.signal?.throwIfAborted()
  check.add(bytes)
  check.verify()
  yield* unpack(options, bytes)
}

async function* streamContent(
  options: ContentOptions,
  bytes: ByteSource,
  check: Sha256Check,
): AsyncGenerator<Uint8Array, void, undefined> {
  options.signal?.throwIfAborted()
  const head = await bytes.take(STREAM_FROM)
  if (head.length < STREAM_FROM) {
    check.verify()
    yield* unpack(options, head)
    return
  }
  let held: Uint8Array = new Uint8Array(0)
  for await (const chunk of streamed(options, head, bytes)) {
    yield held
    held = chunk
  }
  check.verify()
  yield held
}

function unpack(options: ContentOptions, bytes: Uint8Array): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  const { archive, container, maxBytes, signal } = options
  switch (container) {
    case 'zip-csv':
      return inflateMember(readZipMember(bytes, archive, csvNameOf(archive, container), { maxBytes }), signal)
    case 'gzip-csv':
      return gunzipFile(bytes, archive, { maxBytes })
    case 'csv':
      return [bytes]
  }
}

/** The content of a file whose first bytes are in memory. */
async function* streamed(
  options: ContentOptions,
  head: Buffer,
  bytes: ByteSource,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { archive, container, maxBytes, signal } = options
  async function* all(): AsyncGenerator<Uint8Array, void, undefined> {
    yield head
    yield* bytes.pieces(Infinity)
  }
  switch (container) {
    case 'zip-csv': {
      const member = streamZipMember(head, bytes, archive, csvNameOf(archive, container), { maxBytes })
      if (member !== undefined) yield* inflateMember(member, signal)
      else yield* unpack(options, Buffer.concat([head, await bytes.take(Infinity)]))
      return
    }
    case 'gzip-csv':
      yield* gunzipFile(all(), archive, { maxBytes })
      return
    case 'csv':
      yield* all()
  }
}

async function* watched(
  source: AsyncIterable<Uint8Array>,
  check: Sha256Check,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of source) {
    signal?.throwIfAborted()
    check.add(chunk)
    yield chunk
  }
}
