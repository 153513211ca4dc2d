import type { FlatRows } from './flat-rows.ts'
import type { RestReply } from './rest-transport.ts'

/** An answer whose rows were found without parsing; it is parsed when somebody asks for its `json`. */
export function flatReply(reply: Pick<RestReply, 'status' | 'headers' | 'body'>, flatRows: FlatRows): RestReply {
  return new FlatReply(reply, flatRows)
}

/**
 * A class, since an accessor in a literal gives each object a shape of its own. Shapes are old from the start, so each
 * would keep its answer, body and all, until the next full collection of garbage.
 */
class FlatReply implements RestReply {
  readonly status: number
  readonly headers: RestReply['headers']
  readonly body: Uint8Array
  readonly flatRows: FlatRows
  #parsed: { readonly json: unknown } | undefined

  constructor({ status, headers, body }: Pick<RestReply, 'status' | 'headers' | 'body'>, flatRows: FlatRows) {
    this.status = status
    this.headers = headers
    this.body = body
    this.flatRows = flatRows
  }

  get json(): unknown {
    this.#parsed ??= { json: parseJson(textOf(this.body)) }
    return this.#parsed.json
  }
}

/** The text of a body; several times faster than a TextDecoder. */
export function textOf(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, body.length).toString()
}

/** The JSON of a text; `undefined` when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Headers by lower-case name. */
export function plainHeaders(headers: unknown): Record<string, string> {
  const entries: Iterable<readonly [string, unknown]> =
    headers instanceof Headers ? headers.entries() : Object.entries(headers ?? {})
  const plain: Record<string, string> = {}
  for (const [name, value] of entries) {
    plain[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value)
  }
  return plain
}
