import type { ObjectStore } from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'
import { defaultTargetKey } from './default-target-key.ts'
import { compareEtags, heldFiles } from './held-files.ts'
import type { KnownFile } from './transferred-file.ts'

export interface MissingFilesOptions<F extends ArchiveFile> {
  readonly files: readonly F[]
  readonly target: ObjectStore
  /** As in `transfer`. */
  readonly targetKey?: ((file: ArchiveFile) => string) | undefined
  /** As in `transfer`. */
  readonly known?: ((file: ArchiveFile) => KnownFile | undefined) | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Which files of a plan a transfer would move, and how many it would find in the target, as far as listings of the target
 * tell: one of the same size counts as the same, unless its etag or what is known of it says that it is another one.
 *
 * @throws {@link LakeError} as the target does. Aborts throw `signal.reason`.
 *
 * @example
 * const { files, held } = await missingFiles({ files: planTransfer({ files: found }), target })
 */
export async function missingFiles<F extends ArchiveFile>(
  options: MissingFilesOptions<F>,
): Promise<{ readonly files: F[]; readonly held: number }> {
  const { files, target, targetKey = defaultTargetKey, known = () => undefined, signal } = options
  // The newest version counts, where there are several.
  const keyOf = (file: F): string => known(file)?.key ?? targetKey(file)
  const found = await heldFiles(target, files.map(keyOf), signal)
  const missing = files.filter((file) => {
    const info = found.get(keyOf(file))
    if (info?.size !== file.size) return true
    const memory = known(file)
    if (memory?.sourceEtag !== undefined && memory.etag === info.etag) return memory.sourceEtag !== file.etag
    return compareEtags(info.etag, file.etag) === 'different'
  })
  return { files: missing, held: files.length - missing.length }
}
