import { LakeError } from '@lake/core'
import { originalKey } from '@lake/ingest-s5cmd'
import type { SilverFile } from './encode-silver.ts'
import { type FileFindings, isRowless } from './file-findings.ts'
import { type RefusedInput, refusedKey } from './refused-input.ts'
import type { SilverPartition } from './silver-partition.ts'

export interface AcceptInputsOptions {
  readonly compute: (partition: SilverPartition) => Promise<SilverFile>
  /** A partition without the files of some keys; `undefined` when no file is left. */
  readonly without: (label: string, keys: ReadonlySet<string>) => SilverPartition | undefined
  readonly stateOf: (partition: SilverPartition) => Promise<'published' | 'blocked' | 'changed'>
  /** Files that partitions are made of: rows are not taken away because one of them cannot be read any more. */
  readonly held: ReadonlySet<string>
  /** Told of files that hold no row of the dataset, though they may: they are no inputs. */
  readonly onRowless?: ((findings: readonly FileFindings[]) => void) | undefined
  /** Told of each new file that is refused, once; absent, the first one fails the work. */
  readonly onRefused?: ((refused: RefusedInput) => void) | undefined
}

/** A partition as its readable files make it. */
export type AcceptedPartition = { readonly label: string } & (
  | { readonly partition: SilverPartition; readonly file: SilverFile }
  /** What is left of it is published, or known to be blocked, or nothing. */
  | {
      readonly partition?: SilverPartition | undefined
      readonly file?: undefined
      readonly state?: 'published' | 'blocked'
    }
)

/** Computes partitions, each without the files that turn out not to be what they should. */
export interface InputAcceptance {
  compute(partition: SilverPartition): Promise<AcceptedPartition>
  /**
   * Computes a partition again without the file that an error condemns.
   *
   * @throws the error when it condemns no file, or one that may not be left out.
   */
  without(partition: SilverPartition, error: unknown): Promise<AcceptedPartition>
}

/** A bad file costs its own rows and no others: nothing of it is taken, and the files beside it make their partition. */
export function openInputAcceptance(options: AcceptInputsOptions): InputAcceptance {
  const { compute, held: inputs, stateOf, onRefused, onRowless } = options
  // A file that came to hold no row takes away what its earlier state had: that is for who looks after rows that vanish.
  const held = new Set([...inputs].map(originalKey))
  const refused = new Set<string>()
  /** The refused files, and those without a row. */
  const leftOut = new Set<string>()
  const withoutLeftOut = async ({ period: { label } }: SilverPartition): Promise<AcceptedPartition> => {
    const partition = options.without(label, leftOut)
    if (partition === undefined) return { label }
    const state = await stateOf(partition)
    return state === 'changed' ? acceptance.compute(partition) : { label, partition, state }
  }
  const acceptance: InputAcceptance = {
    compute: async (partition) => {
      let file: SilverFile
      try {
        file = await compute(partition)
      } catch (error) {
        return acceptance.without(partition, error)
      }
      const rowless = file.findings.filter((found) => isRowless(found) && !held.has(originalKey(found.key)))
      if (rowless.length === 0) return { label: partition.period.label, partition, file }
      onRowless?.(rowless)
      for (const { key } of rowless) leftOut.add(key)
      return withoutLeftOut(partition)
    },
    without: async (partition, error) => {
      const key = refusedKey(error)
      const file = partition.files.find((one) => one.key === key)
      if (!LakeError.is(error) || file?.source !== 'archive' || onRefused === undefined || inputs.has(file.key)) {
        throw error
      }
      if (!refused.has(file.key)) onRefused({ file, error })
      refused.add(file.key)
      leftOut.add(file.key)
      return withoutLeftOut(partition)
    },
  }
  return acceptance
}
