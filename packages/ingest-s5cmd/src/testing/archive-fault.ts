/** Which requests a fault befalls. */
export interface FaultTarget {
  /** Only requests whose key or listing prefix contains this text. All when absent. */
  readonly match?: string | undefined
  readonly method?: 'GET' | 'HEAD' | undefined
  /** The first of these requests that fails, counted from 1. Default 1. */
  readonly nth?: number | undefined
  /** How many in a row fail. Default 1; `Infinity` for ever. */
  readonly times?: number | undefined
}

/**
 * What goes wrong with an answer.
 *
 * | kind | the client sees |
 * |---|---|
 * | `status` | an error with this status, and a Retry-After if given |
 * | `truncate` | a well-formed answer of only so many bytes |
 * | `reset` | the connection breaks after so many bytes of the full length |
 * | `stall` | so many bytes, then nothing any more |
 * | `corrupt` | the full length with one bit flipped at this offset |
 */
export type ArchiveFault = FaultTarget &
  (
    | { readonly kind: 'status'; readonly status: number; readonly retryAfterSeconds?: number | undefined }
    | { readonly kind: 'truncate' | 'reset' | 'stall'; readonly bytes: number }
    | { readonly kind: 'corrupt'; readonly offset: number }
  )

/** The fault that befalls a request, if any. */
export type FaultPicker = (request: { readonly method: string; readonly key: string }) => ArchiveFault | undefined

/** Picks the fault of each request; counts how often each one matched. */
export function createFaultPicker(faults: readonly ArchiveFault[]): FaultPicker {
  const armed = faults.map((fault) => ({ fault, count: 0 }))
  return ({ method, key }) => {
    let picked: ArchiveFault | undefined
    for (const entry of armed) {
      const { fault } = entry
      if (fault.method !== undefined && fault.method !== method) continue
      if (fault.match !== undefined && !key.includes(fault.match)) continue
      const { nth = 1, times = 1 } = fault
      entry.count++
      if (entry.count >= nth && entry.count < nth + times) picked ??= fault
    }
    return picked
  }
}
