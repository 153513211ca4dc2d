import { bronzeArchiveKey } from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'

/** Where a file's first version lies in a lake. */
export function defaultTargetKey(file: ArchiveFile): string {
  return bronzeArchiveKey(file.dataset.exchange, file.key)
}
