import { LakeError } from '@lake/core'

/** A `BAD_ARCHIVE` that names the file, says what is wrong with it and what to do. */
export function badArchive(file: string, why: string, cause?: unknown): LakeError {
  const message = `${file} ${why}. Nothing of this file was taken; fetch it again, or leave it out.`
  return new LakeError(
    'BAD_ARCHIVE',
    message,
    cause === undefined ? { details: { file } } : { details: { file }, cause },
  )
}
