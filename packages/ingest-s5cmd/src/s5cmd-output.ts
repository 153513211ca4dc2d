/** What one line of `s5cmd --json` says. */
export type S5cmdMessage =
  /** An object was copied. */
  | { readonly kind: 'copied'; readonly to: string }
  /** A command failed: its text as s5cmd repeats it, without options and quotes. */
  | { readonly kind: 'failed'; readonly command: string; readonly error: string }
  /** Statistics, empty lines, and whatever is no JSON. */
  | { readonly kind: 'other'; readonly text: string }

/**
 * Reads a line of the standard output or error output of `s5cmd --json`. Never throws: what is not understood is
 * `other`, and counts for nothing.
 *
 * @example
 * parseS5cmdLine('{"operation":"cp","success":true,"source":"s3://a/k","destination":"s3://b/k"}')
 * // { kind: 'copied', to: 's3://b/k' }
 */
export function parseS5cmdLine(line: string): S5cmdMessage {
  const to = copiedTo(line)
  if (to !== undefined) return { kind: 'copied', to }
  const value = parsed(line)
  if (value.success === true && typeof value.destination === 'string') return { kind: 'copied', to: value.destination }
  if (typeof value.error === 'string') {
    // The field was called `job` in other releases, and is so still for some messages.
    const command = [value.command, value.job].find((text) => typeof text === 'string')
    return { kind: 'failed', command: typeof command === 'string' ? command : '', error: value.error }
  }
  return { kind: 'other', text: line }
}

const COPIED = '{"operation":"cp","success":true,"source":"'
const TO = '","destination":"'

/**
 * The target of a copy, in a line as s5cmd 2 writes it: a run has one for each object, and all that is needed of it is this text.
 * Where no backslash is in the line, each quote begins or ends a text; every other line is for the JSON parser.
 */
function copiedTo(line: string): string | undefined {
  if (!line.startsWith(COPIED) || !line.endsWith('}') || line.includes('\\')) return undefined
  const end = line.indexOf('"', COPIED.length)
  if (!line.startsWith(TO, end)) return undefined
  const start = end + TO.length
  const quote = line.indexOf('"', start)
  return quote < 0 ? undefined : line.slice(start, quote)
}

interface Message {
  readonly success?: unknown
  readonly destination?: unknown
  readonly error?: unknown
  readonly command?: unknown
  readonly job?: unknown
}

function parsed(line: string): Message {
  if (!line.startsWith('{')) return {}
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
