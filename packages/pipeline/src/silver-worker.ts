import { parentPort } from 'node:worker_threads'
import { createColumnMemory, LakeError, type LakeErrorCode } from '@lake/core'
import type { SilverFile } from './encode-silver.ts'
import { runSilverTask, type SilverTask } from './silver-task.ts'
import { transferable } from './transferable.ts'

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

parentPort?.on('message', (task: SilverTask) => void answer(task))

/** Answers with what {@link runSilverTask} gives. A defect ends the thread, and its error reaches the pool. */
async function answer(task: SilverTask): Promise<void> {
  const answer = await answerOf(task)
  parentPort?.postMessage(answer, 'file' in answer ? filesOf(answer.file).flatMap(transferable) : [])
}

function filesOf({ bytes, gold = [] }: SilverFile): Uint8Array[] {
  return [bytes, ...gold.map(({ file }) => file.bytes)]
}

async function answerOf(task: SilverTask): Promise<SilverAnswer> {
  try {
    return { file: await runSilverTask(task, undefined, memory) }
  } catch (error) {
    if (!LakeError.is(error)) throw error
    const { code, message, details } = error
    return { error: { code, message, details } }
  }
}
