import type { _Object, ListObjectsCommandOutput, ListObjectsV2CommandOutput } from '@aws-sdk/client-s3'
import { LakeError, type ListOptions, type ObjectInfo } from '@lake/core'
import { foldFolders, folderInfo } from './fold-folders.ts'
import { etagOf, microsOfDate } from './http-object.ts'
import { decodeText } from './http-location.ts'
import { compareKeys } from './key-order.ts'
import type { ListedContents } from './listed-contents.ts'
import { type ListedEntry, listedObjects, refusedEntry } from './listed-objects.ts'
import { canStartKey } from './object-key.ts'
import { ask, placeOf, type S3Connection } from './s3-connection.ts'
import { listByVersion2 } from './s3-list-page.ts'
import { microsOf, wholeSeconds } from './s3-read.ts'

/**
 * Lists by ListObjectsV2, page by page; by version 1 where the server knows only that.
 *
 * @throws {@link LakeError} `STORE_FAILED` when the server answers with keys that nobody asked for, that could leave the
 *   store, or that it has listed before.
 */
export function listObjects(
  connection: S3Connection,
  { prefix = '', delimiter, signal }: ListOptions,
): AsyncGenerator<ObjectInfo, void, undefined> {
  const entries = listPages(connection, { prefix, delimiter, signal })
  // A server that does not know the delimiter lists what lies below: it is folded here.
  return delimiter === undefined ? entries : foldFolders(entries, prefix)
}

async function* listPages(
  connection: S3Connection,
  { prefix, delimiter, signal }: ListOptions & { readonly prefix: string },
): AsyncGenerator<ObjectInfo, void, undefined> {
  signal?.throwIfAborted()
  if (!canStartKey(prefix)) return
  const { base } = connection.settings
  const url = placeOf(connection.settings, undefined)
  let position: Position = { version: 2, after: '', token: undefined }
  for (;;) {
    const page: Page = await fetchPage(connection, { prefix: base + prefix, delimiter }, position, signal)
    for (const object of listedObjects(page.entries, { url, base, prefix, after: position.after })) {
      signal?.throwIfAborted()
      yield object
    }
    signal?.throwIfAborted()
    if (page.next === undefined) return
    if (compareKeys(page.next.after, position.after) <= 0) {
      throw refusedEntry(url, page.next.after, 'where the page began, so the listing has no end')
    }
    position = page.next
  }
}

/** Where a page begins: behind the key `after`; for version 2, where the server's token says. */
interface Position {
  readonly version: 1 | 2
  readonly after: string
  readonly token: string | undefined
}

interface Page {
  readonly entries: readonly ListedEntry[]
  /** `undefined` on the last page. */
  readonly next: Position | undefined
}

interface Request {
  readonly prefix: string
  readonly delimiter: '/' | undefined
}

async function fetchPage(
  connection: S3Connection,
  request: Request,
  position: Position,
  signal: AbortSignal | undefined,
): Promise<Page> {
  // Asked for as URL text, since XML cannot hold every key.
  const { prefix, delimiter } = request
  const folding = delimiter === undefined ? {} : { Delimiter: delimiter }
  const input = { Bucket: connection.settings.bucket, Prefix: prefix, EncodingType: 'url', ...folding } as const
  if (position.version === 1) {
    const marker = position.after === '' ? {} : { Marker: position.after }
    const output = await ask(connection, {
      signal,
      send: async (client, options) => client.listObjects({ ...input, ...marker }, options),
    })
    const entries = entriesOf(output)
    const marked = output.NextMarker === undefined ? undefined : keyText(output, output.NextMarker)
    const after = marked ?? entries.at(-1)?.key ?? position.after
    return { entries, next: output.IsTruncated === true ? { version: 1, after, token: undefined } : undefined }
  }
  const answer = await ask(connection, {
    signal,
    send: async (client, options) => listByVersion2(client, { ...input, ContinuationToken: position.token }, options),
  }).catch(refusedVersion)
  if (answer === undefined) return fetchPage(connection, request, { ...position, version: 1 }, signal)
  const { output, contents } = answer
  const entries = entriesOf(output, contents)
  const after = entries.at(-1)?.key ?? position.after
  const token = output.NextContinuationToken
  // A page that has more behind it but no token is that of a server which took the request for one of version 1.
  const version = token === undefined ? 1 : 2
  return { entries, next: output.IsTruncated === true ? { version, after, token } : undefined }
}

type Output = ListObjectsCommandOutput | ListObjectsV2CommandOutput

function entriesOf(output: Output, contents?: readonly ListedContents[]): ListedEntry[] {
  const objects =
    contents?.map((entry) => contentsOf(output, entry)) ??
    (output.Contents ?? []).map((entry) => objectOf(output, entry))
  const folders = (output.CommonPrefixes ?? []).map(({ Prefix = '' }) => ({
    ...folderInfo(keyText(output, Prefix)),
    isFolder: true,
  }))
  return folders.length === 0 ? objects : [...objects, ...folders].sort((a, b) => compareKeys(a.key, b.key))
}

function objectOf(output: Output, { Key = '', Size = 0, ETag, LastModified }: _Object): ObjectInfo {
  return { key: keyText(output, Key), size: Size, etag: etagOf(ETag), lastModified: microsOf(LastModified) }
}

function contentsOf(output: Output, { key = '', size, etag, lastModified }: ListedContents): ObjectInfo {
  const micros = wholeSeconds(microsOfDate(lastModified))
  return { key: keyText(output, key), size: Number(size), etag: etagOf(etag), lastModified: micros }
}

/** A key as it is; a server that does not encode says so by not repeating the encoding. */
function keyText({ EncodingType }: Output, text: string): string {
  return EncodingType === 'url' ? decodeText(text.replaceAll('+', ' ')) : text
}

function refusedVersion(error: unknown): undefined {
  if (!LakeError.is(error) || error.code !== 'UNSUPPORTED') throw error
}
