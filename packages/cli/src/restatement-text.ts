import { formatInstant, parsePartitionKey } from '@lake/core'
import type { RestatedPartition } from '@lake/pipeline'
import { formatCount } from './format-number.ts'

/** `klines/binance/spot/BTCUSDT/1m 2020-01`, of a partition's key. */
export function partitionText(key: string): string {
  const partition = parsePartitionKey(key)
  if (partition === undefined) return key
  const { table, exchange, market, symbol, interval } = partition.series
  return `${[table, exchange, market, symbol, interval].filter((part) => part !== undefined).join('/')} ${partition.label}`
}

/** A restated partition as one line. */
export function restatementText(restated: RestatedPartition): string {
  const parts = [changeText(restated), `first ${firstChangeText(restated)}`, `because of ${causeText(restated)}`]
  return `${partitionText(restated.key)}: ${parts.join(', ')}`
}

/** `1 changed (close)`, with the rows that are added and gone. */
export function changeText({ diff: { changed, removed, added, changedColumns } }: RestatedPartition): string {
  const columns = Object.keys(changedColumns).join(', ')
  const parts = [
    ...(changed > 0 ? [`${formatCount(changed)} changed (${columns})`] : []),
    ...(removed > 0 ? [`${formatCount(removed)} gone`] : []),
    ...(added > 0 ? [`${formatCount(added)} added`] : []),
  ]
  return parts.join(', ')
}

/** So many values of a row are told. */
const TOLD = 2

/** `2020-01-03T23:59:00Z close 7344.96 -> 7340.5`, of the first row that differs; empty when there is none. */
export function firstChangeText({ diff: { first } }: RestatedPartition): string {
  const row = first.find(({ change }) => change !== 'added') ?? first[0]
  if (row === undefined) return ''
  const columns = Object.entries(row.columns ?? {}).map(
    ([name, { before, after }]) => `${name} ${String(before)} -> ${String(after)}`,
  )
  const left = columns.length - TOLD
  const told = [...columns.slice(0, TOLD), ...(left > 0 ? [`and ${left} more`] : [])].join(', ')
  return `${formatInstant(row.time)} ${columns.length === 0 ? row.change : told}`
}

/** The names of the inputs that were replaced, added or taken away, each once. */
export function causeText({ inputs }: RestatedPartition): string {
  const names = inputs.map(({ key }) => nameOf(key.replace(/\.restated-[0-9a-f]+(?=\.[a-z]+$)/, '')))
  return [...new Set(names)].join(' ')
}

function nameOf(key: string): string {
  return parsePartitionKey(key) === undefined ? key.slice(key.lastIndexOf('/') + 1) : partitionText(key)
}
