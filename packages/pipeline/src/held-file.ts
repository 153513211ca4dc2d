import { bronzeArchiveKey, type ExchangeAdapter, LakeError, type Period } from '@lake/core'
import { originalKey } from '@lake/ingest-s5cmd'
import type { Manifest, ManifestInput } from '@lake/ledger'

/** A source file that lies in bronze: one input of a silver partition. */
export interface HeldFile {
  /** Its key in bronze. */
  readonly key: string
  readonly sha256: string
  readonly period: Period
}

/**
 * The inputs of a month: what its manifest was made of, and what has arrived since. A partition only ever gains
 * inputs, so that a run over fewer days than the last one takes nothing away; a restated file takes the place of
 * the one that it restates.
 */
export function uniteInputs(
  adapter: ExchangeAdapter,
  manifest: Manifest | undefined,
  arrived: readonly HeldFile[],
): HeldFile[] {
  const bySource = new Map<string, HeldFile>()
  for (const { inputs } of manifest?.files ?? []) {
    for (const input of inputs) bySource.set(originalKey(input.key), heldFileOf(adapter, input))
  }
  for (const file of arrived) bySource.set(originalKey(file.key), file)
  return [...bySource.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
}

function heldFileOf(adapter: ExchangeAdapter, input: ManifestInput): HeldFile {
  const folder = bronzeArchiveKey(adapter.id, '')
  const name = input.key.startsWith(folder) ? originalKey(input.key).slice(folder.length) : ''
  const period = adapter.archive?.parseKey(name)?.period
  if (period !== undefined) return { ...input, period }
  throw new LakeError(
    'CORRUPT_LAKE',
    `A manifest names the input ${input.key}, which is no archive file of ${adapter.id}. Nothing was changed.`,
    { details: { key: input.key } },
  )
}
