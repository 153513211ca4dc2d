import type { ArchiveFile } from './archive-file.ts'
import { copyDirectly, type S3Ends } from './copy-directly.ts'
import { withSoleCopier } from './sole-copier.ts'
import { sortByNeed } from './sort-by-need.ts'
import type { BatchOutcome, TransferContext } from './transfer-context.ts'

/**
 * As {@link copyDirectly}, while nobody else writes into the target without a condition. Where the inventory says that
 * all of it may be there, it is first looked whether there is anything to do.
 *
 * @throws {@link LakeError} as {@link copyDirectly} and {@link withSoleCopier}. Aborts throw `signal.reason`.
 */
export async function copyAlone(
  context: TransferContext,
  ends: S3Ends,
  files: readonly ArchiveFile[],
): Promise<BatchOutcome> {
  if (files.every((file) => context.known(file) !== undefined)) {
    const { moved, left, missing } = await sortByNeed(context, files)
    if (missing.length === 0) return { moved, left }
  }
  // The look that counts comes under the flag: s5cmd writes over whatever has come there since.
  const copy = async (signal: AbortSignal): Promise<BatchOutcome> => copyDirectly({ ...context, signal }, ends, files)
  return withSoleCopier(context.target, copy, context.signal)
}
