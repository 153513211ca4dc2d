import type { RowChange } from '@lake/quality'
import * as z from 'zod'
import type { RestatedPartition } from './restated-partition.ts'

const plain = z.union([z.number(), z.string(), z.boolean(), z.null()])
const count = z.int().nonnegative()

/** A row that two tables do not have alike, as `RowChange` of @lake/quality. */
export const rowChange: z.ZodType<RowChange> = z.strictObject({
  change: z.enum(['added', 'removed', 'changed']),
  time: z.number(),
  id: z.union([z.number(), z.string()]).optional(),
  columns: z.record(z.string(), z.strictObject({ before: plain, after: plain })).optional(),
})

/** The JSON of a restated partition. */
export const restatedPartition: z.ZodType<RestatedPartition> = z.strictObject({
  restatement: z.literal(1),
  key: z.string(),
  before: z.string(),
  after: z.string(),
  inputs: z.array(z.strictObject({ key: z.string(), before: z.string().optional(), after: z.string().optional() })),
  diff: z.strictObject({
    rowsBefore: count,
    rowsAfter: count,
    same: count,
    added: count,
    removed: count,
    changed: count,
    changedColumns: z.record(z.string(), count),
    first: z.array(rowChange),
    range: z.strictObject({ from: z.number(), to: z.number() }).optional(),
  }),
})
