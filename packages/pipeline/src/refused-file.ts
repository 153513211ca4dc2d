import type { LakeError } from '@lake/core'

/** A file of an archive of which nothing was taken, while the others of its month were. */
export interface RefusedFile {
  /** Its key at the source. */
  readonly sourceKey: string
  readonly error: LakeError
}
