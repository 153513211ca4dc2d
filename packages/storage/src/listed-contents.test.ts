import fc from 'fast-check'
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { cutContents } from './listed-contents.ts'
import { parseListingPage } from './listing-page.ts'

const page = (inner: string): string => `<?xml version="1.0"?>\n<ListBucketResult>${inner}</ListBucketResult>`

function elementOf([name, text]: readonly [string, string]): string {
  const escaped = text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
  return `<${name}>${escaped}</${name}>`
}

describe('cutContents', () => {
  test('takes the objects of a real page, and leaves what else it says', async () => {
    const text = await readFile(new URL('../fixtures/s3-listing-um-trades-2026-09.xml', import.meta.url), 'utf8')
    const cut = cutContents(text)
    expect(cut?.contents.map(({ key, size }) => [key?.split('/').at(-1), size])).toEqual([
      ['BTCUSDT-trades-2026-09-01.zip', '26293521'],
      ['BTCUSDT-trades-2026-09-01.zip.CHECKSUM', '96'],
      ['BTCUSDT-trades-2026-09-12.zip', '5974453'],
    ])
    expect(cut?.rest).toContain('<IsTruncated>')
    expect(cut?.rest).not.toContain('Contents')
  })

  test('passes over what nobody asks for, and decodes references', () => {
    const owner = '<Owner><ID>x</ID><DisplayName>&unknown;</DisplayName></Owner><RestoreStatus/>'
    const text = page(
      `<Contents>\n ${owner} <Key>a&amp;amp;&#38;&#x5e01;&lt;&gt;&apos;</Key><Size>3</Size>\n<ETag>&quot;e&quot;</ETag></Contents>`,
    )
    expect(cutContents(text)?.contents).toEqual([
      { key: "a&amp;&币<>'", size: '3', etag: '"e"', lastModified: undefined },
    ])
  })

  test.each([
    ['breaks off', '<ListBucketResult><Contents><Key>a</Key>'],
    ['has an attribute', page('<Contents id="1"><Key>a</Key></Contents>')],
    ['has an attribute in an entry', page('<Contents><Key id="1">a</Key></Contents>')],
    ['has a section', page('<Contents><Key><![CDATA[a]]></Key></Contents>')],
    ['has a comment', page('<!-- <Contents><Key>a</Key></Contents> -->')],
    ['has an element in a text', page('<Contents><Key>a<b/></Key></Contents>')],
    ['has loose text', page('<Contents>x<Key>a</Key></Contents>')],
    ['has one thing twice', page('<Contents><Key>a</Key><Key>b</Key></Contents>')],
    ['has an element without end', page('<Contents><Key>a</Contents>')],
    ['has a tag without end', page('<Contents><Key</Contents>')],
    ['has an entity of its own', page('<Contents><Key>&own;</Key></Contents>')],
    ['has a reference to nothing', page('<Contents><Key>&#x110000;</Key></Contents>')],
    ['has a loose ampersand', page('<Contents><Key>a&b</Key></Contents>')],
  ])('leaves a page alone that %s', (_, text) => {
    expect(cutContents(text)).toBeUndefined()
  })

  test('reads what an XML parser reads', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter((value) => !CONTROLS.test(value))
    const entries = fc.uniqueArray(
      fc.record({
        Key: text,
        Size: fc.nat().map(String),
        ETag: fc.stringMatching(/^"[0-9a-f]{4}"$/),
        LastModified: fc.date({ noInvalidDate: true, min: new Date(0) }).map((date) => date.toISOString()),
      }),
      { maxLength: 5, selector: ({ Key }) => Key },
    )
    fc.assert(
      fc.property(entries, (list) => {
        const inner = list
          .map((entry) => `<Contents>${Object.entries(entry).map(elementOf).join('')}</Contents>`)
          .join('')
        const plain = parseListingPage(page(inner), 'u')
        // A comment makes the page one for the parser alone.
        const parsed = parseListingPage(page(`${inner}<!-- -->`), 'u')
        expect(cutContents(page(inner))?.contents.map(({ key }) => key)).toEqual(list.map(({ Key }) => Key))
        expect(plain).toEqual(parsed)
      }),
    )
  })
})

/** What XML cannot hold, or changes. */
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\0-\x1f\x7f-\x9f\ufffe\uffff\p{Surrogate}]/u
