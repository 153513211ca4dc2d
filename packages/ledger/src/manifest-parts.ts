import * as z from 'zod'

/** One input of a partition: a bronze file for silver, a silver partition for gold. */
export interface ManifestInput {
  /** Where it lies in the lake. */
  readonly key: string
  readonly sha256: string
}

/** A value that JSON carries unchanged. */
export type PlainValue = string | number | boolean | null

export const sha256Text: z.ZodType<string> = z.string().regex(/^[0-9a-f]{64}$/)

export const plainValue: z.ZodType<PlainValue> = z.union([z.string(), z.number(), z.boolean(), z.null()])

export const manifestInput: z.ZodType<ManifestInput> = z.strictObject({ key: z.string().min(1), sha256: sha256Text })
