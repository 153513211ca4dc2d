import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readIndexPage } from './read-index-page.ts'

describe('readIndexPage', () => {
  test.each([
    ['a file', '<a href="x.csv.gz">', ['a/x.csv.gz'], []],
    ['a folder', "<A HREF='b/'>", [], ['a/b/']],
    ['a link without quotes', '<a class=q href=x.zip>', ['a/x.zip'], []],
    ['a path from the root', '<a href="/a/x.zip">', ['a/x.zip'], []],
    ['a whole address', '<a href="https://host/a/x.zip">', ['a/x.zip'], []],
    ['a path from here', '<a href="./x.zip">', ['a/x.zip'], []],
    ['encoded text', '<a href="%E5%B8%81%E5%AE%89USDT/">', [], ['a/币安USDT/']],
    ['entities', '<a href="a&amp;b&#x2D;&#49;&nbsp;.zip">', ['a/a&b-1&nbsp;.zip'], []],
    ['a link twice', '<a href="x.zip">x</a><a href="x.zip">size</a>', ['a/x.zip'], []],
    ['the parent', '<a href="../">', [], []],
    ['an order of columns', '<a href="?C=M;O=A">', [], []],
    ['a folder elsewhere', '<a href="/other/x.zip">', [], []],
    ['something deeper', '<a href="b/c.zip">', [], []],
    ['a way out', '<a href="..%2f..%2fetc">', [], []],
    ['broken encoding', '<a href="%E5%.zip">', [], []],
    ['a character that is none', '<a href="&#x110000;">', ['a/&'], []],
    ['no link', '<p href="x.zip">', [], []],
  ])('%s', (_, html, files, next) => {
    const page = readIndexPage(html, 'a/')
    expect(page.next).toEqual(next)
    expect(page.files).toEqual(files.map((key) => ({ key })))
  })

  test('gives only names directly below the folder, whatever the page', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 12 }), { maxLength: 5 }), (links) => {
        const { files, next } = readIndexPage(links.map((link) => `<a href="${link}">x</a>`).join('\n'), 'a/b/')
        for (const name of [...files.map(({ key }) => key), ...next]) expect(name).toMatch(/^a\/b\/[^/]+\/?$/su)
      }),
    )
  })
})
