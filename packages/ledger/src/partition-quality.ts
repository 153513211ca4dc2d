import * as z from 'zod'

/** What one check found in the rows of a partition. */
export interface QualityFinding {
  /** The name of the check. */
  readonly name: string
  readonly severity: 'failing' | 'warning'
  /** How many rows violate it. */
  readonly rows: number
  /** The first of them: its `ts_event`, epoch microseconds UTC, and the values that the check looked at. */
  readonly first: { readonly time: number; readonly values: Readonly<Record<string, number | string>> }
}

/** A day of a partition that is wrong as a whole. */
export interface QualityDefect {
  /** `YYYY-MM-DD` */
  readonly day: string
  readonly defect: string
  readonly because: string
}

/** What checks found in a partition: it travels with it. */
export interface PartitionQuality {
  /** 0 to 100; 100 means that nothing was found and nothing is missing. */
  readonly score: number
  /** Rows of each UTC day of the partition's period, in order. */
  readonly days: readonly number[]
  /** In the order of the contract; empty when nothing was found. */
  readonly findings: readonly QualityFinding[]
  readonly defects: readonly QualityDefect[]
}

const value = z.union([z.number(), z.string()])

const finding: z.ZodType<QualityFinding> = z.strictObject({
  name: z.string(),
  severity: z.enum(['failing', 'warning']),
  rows: z.int().positive(),
  first: z.strictObject({ time: z.int(), values: z.record(z.string(), value) }),
})

const defect: z.ZodType<QualityDefect> = z.strictObject({ day: z.string(), defect: z.string(), because: z.string() })

export const partitionQuality: z.ZodType<PartitionQuality> = z.strictObject({
  score: z.number().min(0).max(100),
  days: z.array(z.int().nonnegative()),
  findings: z.array(finding),
  defects: z.array(defect),
})
