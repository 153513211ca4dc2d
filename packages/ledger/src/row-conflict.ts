import * as z from 'zod'

/** What one input says of a value. */
export interface ConflictVersion {
  /** Of the input: its key in bronze. */
  readonly name: string
  readonly value: number | string | boolean
}

/** A row of which two inputs of a partition say different things. */
export interface RowConflict {
  /** The id of a trade, else the time of the row (epoch microseconds UTC). */
  readonly key: number | string
  readonly column: string
  readonly kept: ConflictVersion
  readonly dropped: ConflictVersion
}

const version: z.ZodType<ConflictVersion> = z.strictObject({
  name: z.string(),
  value: z.union([z.number(), z.string(), z.boolean()]),
})

export const rowConflict: z.ZodType<RowConflict> = z.strictObject({
  key: z.union([z.number(), z.string()]),
  column: z.string(),
  kept: version,
  dropped: version,
})
