import { describe, expect, test } from 'vitest'
import { parseChecksum } from './parse-checksum.ts'

const NAME = 'BTCUSDT-1m-2024-01.zip'
const SHA256 = '5aaf475f90b199390c2e80c620a7b3fc1cc0309b648d9a96862888f69c92d78c'
const OTHER = '0'.repeat(64)

describe('parseChecksum', () => {
  test.each([
    ['a last newline', `${SHA256}  ${NAME}\n`],
    ['no last newline', `${SHA256}  ${NAME}`],
    ['CRLF', `${SHA256}  ${NAME}\r\n`],
    ['the mark of binary mode', `${SHA256} *${NAME}\n`],
    ['upper-case digits', `${SHA256.toUpperCase()}  ${NAME}\n`],
    ['empty lines', `\n${SHA256}  ${NAME}\n\n`],
    ['lines of other files', `${OTHER}  a.zip\n${SHA256}  ${NAME}\n${OTHER}  b.zip\n`],
    ['the same line twice', `${SHA256}  ${NAME}\n${SHA256.toUpperCase()}  ${NAME}\n`],
  ])('reads a digest with %s', (_, text) => {
    expect(parseChecksum(text, NAME)).toBe(SHA256)
  })

  test('reads a name with spaces and letters beyond ASCII', () => {
    expect(parseChecksum(`${SHA256}  币安人生 USDT.zip\n`, '币安人生 USDT.zip')).toBe(SHA256)
  })

  test('refuses the checksum of another file and names it', () => {
    const refused = capture(() => parseChecksum(`${SHA256}  ETHUSDT-1m-2024-01.zip\n`, NAME))
    expect(refused).toMatchObject({ code: 'WRONG_FILE', details: { file: NAME, named: ['ETHUSDT-1m-2024-01.zip'] } })
    expect(refused.message).toContain(`${NAME} is that of another file, 'ETHUSDT-1m-2024-01.zip'`)
  })

  test.each([
    ['nothing', '', 1],
    ['only newlines', '\r\n\n', 1],
    ['a digest without a name', `${SHA256}\n`, 1],
    ['63 digits', `${SHA256.slice(1)}  ${NAME}`, 1],
    ['65 digits', `a${SHA256}  ${NAME}`, 1],
    ['a letter that is no digit', `${SHA256.slice(1)}g  ${NAME}`, 1],
    ['one space', `${SHA256} ${NAME}`, 1],
    ['a page of HTML', '<html><body>Not found</body></html>', 1],
    ['rubbish in the second line', `${SHA256}  ${NAME}\nrubbish`, 2],
  ])('refuses %s with the line', (_, text, line) => {
    const refused = capture(() => parseChecksum(text, NAME))
    expect(refused).toMatchObject({ code: 'BAD_FORMAT', details: { file: NAME, line } })
  })

  test('refuses two digests for one name', () => {
    expect(() => parseChecksum(`${SHA256}  ${NAME}\n${OTHER}  ${NAME}\n`, NAME)).toThrow(
      expect.objectContaining({ code: 'BAD_FORMAT', details: { file: NAME, sha256: [SHA256, OTHER] } }),
    )
  })

  test('quotes only the start of a huge line', () => {
    const refused = capture(() => parseChecksum('x'.repeat(60_000), NAME))
    expect(refused).toMatchObject({ code: 'BAD_FORMAT' })
    expect(refused.message.length).toBeLessThan(500)
  })
})

function capture(run: () => unknown): Error {
  try {
    run()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('it did not throw')
}
