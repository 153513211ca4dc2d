import { type DatasetId, formatDatasetId } from '@lake/core'
import type { Verification } from '@lake/ingest-s5cmd'
import { type InventoryFile, listInventories } from '@lake/ledger'
import type { Lake } from './define-lake.ts'

/** Takes what a check of bronze finds, and notes it where nobody had read the bytes before. */
export interface VerifiedNotes {
  take(found: Verification): void
  /** Writes the notes into the inventories. */
  record(): Promise<void>
}

/**
 * The files that the inventories call unverified, because they were copied within a server: those among them that turn out to be
 * what is published are called so from then on. Memory holds the unverified files alone.
 */
export async function rememberVerified(lake: Lake, signal: AbortSignal | undefined): Promise<VerifiedNotes> {
  const unverified = new Map<string, { readonly dataset: DatasetId; readonly file: InventoryFile }>()
  for await (const { dataset, files } of listInventories(lake.store, { signal })) {
    for (const file of files) if (!file.verified) unverified.set(file.key, { dataset, file })
  }
  const notes = new Map<string, { readonly dataset: DatasetId; readonly files: InventoryFile[] }>()
  return {
    take({ key, state, sha256, size }) {
      const known = unverified.get(key)
      if (state !== 'verified' || known?.file.size !== size) return
      const { dataset, file } = known
      const name = formatDatasetId(dataset)
      const note = notes.get(name) ?? { dataset, files: [] }
      notes.set(name, note)
      note.files.push({ ...file, sha256, verified: true })
    },
    async record() {
      for (const { dataset, files } of notes.values()) await lake.ledger.recordInventory(dataset, files)
    },
  }
}
