import { EXACT_SCALE, manifestPrefix, type Series } from '@lake/core'
import type { Manifest, PlainValue } from '@lake/ledger'
import type { Lake } from './define-lake.ts'
import type { LakeDecimals } from './decimal-kinds.ts'

export const EXACT: { readonly decimals: 'exact'; readonly scale: number } = { decimals: 'exact', scale: EXACT_SCALE }

/** What the manifest of a silver partition records of its numbers; nothing of float64. */
export function decimalsOptions(decimals: LakeDecimals): Readonly<Record<string, PlainValue>> {
  return decimals === 'exact' ? EXACT : {}
}

/**
 * The numbers of a month of silver: those of the lake where it says so; else those that the month has, or another month
 * of the series, so that whatever adds to a dataset keeps what a run chose.
 */
export async function decimalsOf(lake: Lake, series: Series, month: Manifest | undefined): Promise<LakeDecimals> {
  if (lake.decimals !== undefined) return lake.decimals
  const manifest = month ?? (await firstManifest(lake, series))
  return manifest?.files.some(({ options }) => options['decimals'] === 'exact') === true ? 'exact' : 'float64'
}

async function firstManifest(lake: Lake, series: Series): Promise<Manifest | undefined> {
  for await (const manifest of lake.ledger.manifests({ prefix: manifestPrefix(series) })) return manifest
  return undefined
}
