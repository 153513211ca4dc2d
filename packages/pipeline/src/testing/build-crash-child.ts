import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { bundleProgram } from '@lake/core/testing'

/** How a child ended. */
export interface ChildEnd {
  readonly signal: string | null
  readonly stdout: string
}

/** Runs the crash child with arguments; with a time limit it is killed from outside after so many milliseconds. */
export type RunChild = (argv: readonly string[], millis?: number) => Promise<ChildEnd>

type CrashChild = 'crash-child' | 'crash-prune-child' | 'crash-index-child'

const PROGRAMS: Readonly<Record<CrashChild, URL>> = {
  'crash-child': new URL('crash-child.ts', import.meta.url),
  'crash-prune-child': new URL('crash-prune-child.ts', import.meta.url),
  'crash-index-child': new URL('crash-index-child.ts', import.meta.url),
}

/**
 * A crash child out of the sources, as one file that Node runs as it is: a child process knows nothing of TypeScript.
 *
 * @param child its name beside this file
 */
export async function buildCrashChild(folder: string, child: CrashChild = 'crash-child'): Promise<RunChild> {
  const program = join(folder, `${child}.mjs`)
  await bundleProgram({ program: PROGRAMS[child], outfile: program })
  return async (argv, millis = 0) =>
    new Promise((resolve, reject) => {
      const options = { timeout: millis, killSignal: 'SIGKILL' } as const
      execFile(process.execPath, [program, ...argv], options, (error, stdout, stderr) => {
        if (error === null || error.signal === 'SIGKILL') resolve({ signal: error?.signal ?? null, stdout })
        else reject(new Error(stderr, { cause: error }))
      })
    })
}

/** Numbers from 0 to 999, one in each of `count` equal stretches: chance with a seed, but no clusters. */
export function spreadMoments(count: number, seed: number): number[] {
  let state = seed
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  return Array.from({ length: count }, (_, index) => Math.floor(((index + next()) / count) * 1000))
}
