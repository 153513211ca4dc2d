import { appendFileSync, closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'

/** Lines that several processes append to one file, and read as they come. */
export interface SharedLog {
  /** Appends a line. */
  append(line: string): void
  /** The lines that came since the last look, by whomever; blank ones among them. */
  newLines(): readonly string[]
  /** Begins a file anew that somebody has deleted. */
  check(): void
  /** Lets go of the file until it is needed again. */
  close(): void
}

const READ_BYTES = 16_384
const LINE_FEED = '\n'

/** The log in a file, which the first line makes, and which stays open: to open it costs more than to use it. */
export function sharedLog(path: string): SharedLog {
  const buffer = Buffer.alloc(READ_BYTES)
  let file: number | undefined
  let offset = 0
  /** Text after the last line feed. */
  let rest = ''

  const open = (): number => {
    if (file !== undefined) return file
    file = openSync(path, 'a+')
    if (fstatSync(file).size < offset) startAnew()
    return file
  }
  const startAnew = (): void => {
    offset = 0
    rest = ''
  }
  const close = (): void => {
    if (file !== undefined) closeSync(file)
    file = undefined
  }

  return {
    append(line) {
      // Lines begin with a line feed too: one that a full disk cut off spoils none but itself.
      appendFileSync(open(), `${LINE_FEED}${line}${LINE_FEED}`)
    },
    newLines() {
      if (file === undefined && !existsSync(path)) return []
      const from = open()
      let text = rest
      for (let length = READ_BYTES; length === READ_BYTES; offset += length) {
        length = readSync(from, buffer, 0, READ_BYTES, offset)
        if (length > 0) text += buffer.toString('latin1', 0, length)
      }
      if (text === rest) return []
      const lines = text.split(LINE_FEED)
      rest = lines.pop() ?? ''
      return lines
    },
    check() {
      if (file === undefined || fstatSync(file).nlink > 0) return
      close()
      startAnew()
    },
    close,
  }
}
