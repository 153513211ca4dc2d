import { readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'
import { type DataType, type DatasetId, parseDatasetId, parsePeriod, type Period, type SourceFormat } from '@lake/core'
import { binance } from '@lake/exchanges'

export const formats: readonly SourceFormat[] = binance.formats ?? []

/** Everything about a file that the parser must be told. */
export interface TestFile {
  readonly name: string
  readonly bytes: Buffer
  readonly dataset: DatasetId & { readonly dataType: DataType }
  readonly period: Period
  readonly formats: readonly SourceFormat[]
}

/** A real file of the repository's fixtures. */
export function realFile(id: string, label: string): TestFile & { readonly csv: string; readonly published: string } {
  const dataset = parseDatasetId(id)
  const period = parsePeriod(label)
  const key = binance.archive?.key(dataset, period) ?? ''
  const url = new URL(`../../../../fixtures/archive/${key}`, import.meta.url)
  const bytes = readFileSync(url)
  const published = readFileSync(new URL(`${url.href}.CHECKSUM`), 'utf8').slice(0, 64)
  return { name: key, bytes, dataset, period, formats, published, csv: contentOf(bytes) }
}

/** The content of a zip by its local header, where the parser goes by the directory. */
function contentOf(zip: Buffer): string {
  const start = 30 + zip.readUInt16LE(26) + zip.readUInt16LE(28)
  return inflateRawSync(zip.subarray(start, start + zip.readUInt32LE(18))).toString('utf8')
}

/** The format that describes a dataset. */
export function formatFor(dataset: DatasetId): SourceFormat {
  const format = formats.find((one) => one.dataType === dataset.dataType && one.markets.includes(dataset.market))
  if (format === undefined) throw new Error(`no format for ${dataset.dataType}`)
  return format
}
