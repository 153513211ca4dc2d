import { LakeError, type LakeErrorCode } from '@lake/core'
import { createColumnMemory } from '@lake/parse'
import type { SilverFile } from './encode-silver.ts'
import { runSilverTask, type SilverTask } from './silver-task.ts'

/** What a worker thread gives back. An error crosses as plain data: a thread border strips its code and details. */
export type SilverAnswer =
  | { readonly file: SilverFile }
  | {
      readonly error: {
        readonly code: LakeErrorCode
        readonly message: string
        readonly details: Readonly<Record<string, unknown>>
      }
    }

/** A thread computes one partition at a time. */
const memory = createColumnMemory()

/** {@link runSilverTask}, as a worker thread runs it. */
export async function work(task: SilverTask): Promise<SilverAnswer> {
  try {
    return { file: await runSilverTask(task, undefined, memory) }
  } catch (error) {
    if (!LakeError.is(error)) throw error
    const { code, message, details } = error
    return { error: { code, message, details } }
  }
}
