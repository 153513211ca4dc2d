import { LakeError, monthOf } from '@lake/core'

/** A month of a history: whole lines, from one byte to another. */
export interface HistoryMonth {
  /** `YYYY-MM` */
  readonly month: string
  readonly start: number
  readonly end: number
}

export interface HistoryReading {
  readonly file: string
  readonly readTime: (line: string) => number | undefined
}

const LINE_FEED = 10
/** Of a line, enough for its time. */
const BEGIN = 32
/** Lines are far shorter. */
const LONGEST_LINE = 65_536

/**
 * Where the months of a history begin and end: every byte lies in one of them. Reads the file once, in the memory of a
 * chunk, and knows of a row only its time.
 *
 * @throws {@link LakeError} `BAD_ROW` when a line begins with no time, or with one of a month before.
 */
export async function historyMonths(
  chunks: AsyncIterable<Uint8Array>,
  { file, readTime }: HistoryReading,
): Promise<HistoryMonth[]> {
  const months: { month: string; start: number; end: number }[] = []
  let position = 0
  let line = 0
  let rest: Buffer = Buffer.alloc(0)

  function take(bytes: Buffer, from: number, to: number): void {
    line++
    const text = bytes.toString('latin1', from, Math.min(to, from + BEGIN))
    const last = months.at(-1)
    const time = readTime(text)
    const isBlank = text.trim() === ''
    const month = time === undefined ? undefined : monthOf(time)
    if (last !== undefined && (month === last.month || isBlank)) {
      last.end = position + to
      return
    }
    if (month === undefined) throw badLine(file, line, text, 'begins with no time')
    if (last !== undefined && month < last.month) throw badLine(file, line, text, `is of ${month}, after ${last.month}`)
    months.push({ month, start: position + from, end: position + to })
  }

  for await (const chunk of chunks) {
    const bytes =
      rest.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat([rest, chunk])
    let from = 0
    for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, from)) {
      take(bytes, from, at + 1)
      from = at + 1
    }
    position += from
    rest = Buffer.from(bytes.subarray(from))
    if (rest.length > LONGEST_LINE) throw badLine(file, line + 1, rest.toString('latin1', 0, BEGIN), 'has no end')
  }
  if (rest.length > 0) take(rest, 0, rest.length)
  return months
}

function badLine(file: string, line: number, text: string, why: string): LakeError {
  const value = text.trimEnd().replace(/[^ -~]/g, '?')
  return new LakeError(
    'BAD_ROW',
    `${file}, line ${line} ${why}: '${value}'. It is no history that could be cut into months. Nothing of this file was taken; fetch it again, or leave it out.`,
    { details: { file, line, column: null, value } },
  )
}
