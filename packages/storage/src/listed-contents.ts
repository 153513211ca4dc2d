/** What one `<Contents>` of a listing page says, as text. */
export interface ListedContents {
  key: string | undefined
  size: string | undefined
  etag: string | undefined
  lastModified: string | undefined
}

export interface CutPage {
  readonly contents: readonly ListedContents[]
  /** The page without them. */
  readonly rest: string
}

/**
 * Takes the objects out of a page of the S3 listing, which leaves a short text for an XML parser: a page of a thousand objects
 * costs an XML parser, which makes a tree of it, ten times as long. `undefined` for a page that is written in any way but the
 * usual one, with attributes, comments or sections in it, or that breaks off: that one is for the XML parser alone.
 *
 * @example
 * cutContents('<ListBucketResult><Contents><Key>a</Key><Size>3</Size></Contents></ListBucketResult>')
 * // { contents: [{ key: 'a', size: '3', … }], rest: '<ListBucketResult></ListBucketResult>' }
 */
export function cutContents(page: string): CutPage | undefined {
  // Comments, sections and document types can hide what looks like an element.
  if (page.includes('<!')) return undefined
  const contents: ListedContents[] = []
  let rest = ''
  let done = 0
  for (;;) {
    const start = page.indexOf(OPEN, done)
    if (start < 0) break
    const end = page.indexOf(CLOSE, start)
    const entry = end < 0 ? undefined : readContents(page, start + OPEN.length, end)
    if (entry === undefined) return undefined
    contents.push(entry)
    rest += page.slice(done, start)
    done = end + CLOSE.length
  }
  rest += page.slice(done)
  return /<\/?Contents/.test(rest) ? undefined : { contents, rest }
}

const OPEN = '<Contents>'
const CLOSE = '</Contents>'

/** Its children stand one after the other; those that nobody asks for are passed over with all that is in them. */
function readContents(page: string, start: number, end: number): ListedContents | undefined {
  const entry: ListedContents = { key: undefined, size: undefined, etag: undefined, lastModified: undefined }
  for (let at = start; at < end;) {
    if (isSpace(page.charCodeAt(at))) {
      at++
      continue
    }
    const opened = page.indexOf('>', at)
    if (page[at] !== '<' || opened > end) return undefined
    const name = page.slice(at + 1, opened)
    if (name.endsWith('/')) {
      at = opened + 1
      continue
    }
    const closing = `</${name}>`
    const closed = page.indexOf(closing, opened)
    if (closed < 0 || closed > end) return undefined
    const field = FIELDS.get(name)
    if (field !== undefined) {
      const text = decodeReferences(page.slice(opened + 1, closed))
      if (text === undefined || entry[field] !== undefined) return undefined
      entry[field] = text
    }
    at = closed + closing.length
  }
  return entry
}

const FIELDS: ReadonlyMap<string, keyof ListedContents> = new Map([
  ['Key', 'key'],
  ['Size', 'size'],
  ['ETag', 'etag'],
  ['LastModified', 'lastModified'],
])

function isSpace(unit: number): boolean {
  return unit === 32 || (unit >= 9 && unit <= 13)
}

/** The text of an element; `undefined` when there is more than text in it, or a reference that XML does not define itself. */
function decodeReferences(text: string): string | undefined {
  if (text.includes('<')) return undefined
  if (!text.includes('&')) return text
  const unknown: string[] = []
  const decoded = text.replace(/&([^&;]*);?/g, (reference, name: string) => {
    const character = reference.endsWith(';') ? (NAMED.get(name) ?? numbered(name)) : undefined
    if (character === undefined) unknown.push(reference)
    return character ?? ''
  })
  return unknown.length === 0 ? decoded : undefined
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ['quot', '"'],
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['apos', "'"],
])

function numbered(name: string): string | undefined {
  const [, hex, decimal] = /^#(?:x([\da-f]{1,6})|(\d{1,7}))$/i.exec(name) ?? []
  const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
  return point <= 0x10ffff ? String.fromCodePoint(point) : undefined
}
