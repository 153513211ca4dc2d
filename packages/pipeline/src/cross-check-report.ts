import { LakeError, type ObjectStore, readObject } from '@lake/core'
import * as z from 'zod'

/** A row that lies too far from the row of the same time in the other partition. */
export interface CrossCheckRow {
  /** `ts_event`, epoch microseconds UTC. */
  readonly time: number
  readonly value: number
  readonly reference: number
}

/** What a check of one partition against another found: a function of their bytes and the check. */
export interface CrossCheckReport {
  readonly crossCheck: 1
  /** The name of the check: `near(close, klines.close)`. */
  readonly name: string
  /** The relative limit. */
  readonly limit: number
  /** The partition whose rows were looked at, and the one that they were compared with. */
  readonly own: { readonly key: string; readonly sha256: string }
  readonly reference: { readonly key: string; readonly sha256: string }
  /** How many rows have one of the same time in the other partition, and how many of these lie too far from it. */
  readonly compared: number
  readonly flagged: number
  /** The first of them, at most ten. */
  readonly first: readonly CrossCheckRow[]
}

const partition = z.strictObject({ key: z.string(), sha256: z.string() })
const count = z.int().nonnegative()

const crossCheckReport: z.ZodType<CrossCheckReport> = z.strictObject({
  crossCheck: z.literal(1),
  name: z.string(),
  limit: z.number(),
  own: partition,
  reference: partition,
  compared: count,
  flagged: count,
  first: z.array(z.strictObject({ time: z.int(), value: z.number(), reference: z.number() })),
})

/**
 * The report at a key; `undefined` when there is none.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when it cannot be read.
 */
export async function readCrossCheck(
  store: ObjectStore,
  key: string,
  signal?: AbortSignal,
): Promise<CrossCheckReport | undefined> {
  let bytes: Uint8Array
  try {
    bytes = await readObject(store, key, { signal })
  } catch (error) {
    if (LakeError.is(error) && error.code === 'NOT_FOUND') return undefined
    throw error
  }
  try {
    return crossCheckReport.parse(JSON.parse(new TextDecoder().decode(bytes)))
  } catch (cause) {
    const message = `The cross-check ${key} cannot be read. Nothing needs it: delete it, and the next run makes it again.`
    throw new LakeError('CORRUPT_LAKE', message, { cause, details: { key } })
  }
}
