import { LakeError } from '@lake/core'

const LINE = /^([0-9a-f]{64}) [ *](.+)$/i

/**
 * The published sha256 of a file, 64 lower-case hex digits, from the text of its CHECKSUM as `sha256sum -c` reads it:
 * `<64 hex digits>`, two spaces or a space and `*`, `<file name>`; with or without a last newline, CRLF or LF.
 * Of several lines the one of the name counts.
 *
 * @param name the file's name without folders
 * @throws {@link LakeError} `WRONG_FILE` when every line names another file.
 * @throws {@link LakeError} `BAD_FORMAT` when a line has another form, there is none, or two disagree about the name.
 *
 * @example
 * parseChecksum(`${'0A'.repeat(32)}  BTCUSDT-1m-2024-01.zip\n`, 'BTCUSDT-1m-2024-01.zip') // '0a0a…'
 */
export function parseChecksum(text: string, name: string): string {
  const found = new Set<string>()
  const others: string[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line === '') continue
    const [, digest, file] = LINE.exec(line) ?? []
    if (digest === undefined || file === undefined) throw malformed(name, index + 1, line)
    if (file === name) found.add(digest.toLowerCase())
    else others.push(file)
  }
  const [sha256, contrary] = found
  if (contrary !== undefined) {
    throw new LakeError('BAD_FORMAT', `The CHECKSUM of ${name} gives two digests for it. ${REMEDY}`, {
      details: { file: name, sha256: [...found] },
    })
  }
  if (sha256 !== undefined) return sha256
  const [other] = others
  if (other === undefined) throw malformed(name, 1, '')
  throw new LakeError('WRONG_FILE', `The CHECKSUM of ${name} is that of another file, '${clip(other)}'. ${REMEDY}`, {
    details: { file: name, named: others.slice(0, 10) },
  })
}

const REMEDY = 'Nothing was stored. Try again later: archives repair such files; if it stays, tell the archive.'

function malformed(name: string, line: number, value: string): LakeError {
  const what = value === '' ? 'is empty' : `has '${clip(value)}' in line ${line}, not '<64 hex digits>  <file name>'`
  return new LakeError('BAD_FORMAT', `The CHECKSUM of ${name} ${what}. ${REMEDY}`, {
    details: { file: name, line, value: clip(value) },
  })
}

/** A hostile text must not flood a log. */
function clip(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}
