import {
  type DatasetId,
  type ExchangeAdapter,
  formatDatasetId,
  INTERVALS,
  isBarType,
  LakeError,
  type RateBudget,
  type RestRules,
  type RestSeries,
} from '@lake/core'

/**
 * The series of an adapter that serve a dataset.
 *
 * @throws {@link LakeError} `UNSUPPORTED` when there is none, naming what is served; `details.served` has the same.
 */
export function servingSeries(adapter: ExchangeAdapter, dataset: DatasetId): readonly RestSeries[] {
  const { rest } = adapter
  const found = (rest?.series ?? []).filter((series) => serves(series, dataset))
  if (found.length > 0 && dataset.exchange === adapter.id) return found
  const served = servedBy(rest)
  const what = served.length === 0 ? 'it serves nothing over REST' : `it serves ${served.join(', ')}`
  throw new LakeError('UNSUPPORTED', `${adapter.id} does not serve ${formatDatasetId(dataset)} over REST: ${what}.`, {
    details: { dataset: formatDatasetId(dataset), served },
  })
}

/** The budget of a series or of a list of instruments. */
export function budgetOf(rest: RestRules | undefined, id: string): RateBudget {
  const budget = rest?.budgets.find((candidate) => candidate.id === id)
  if (budget !== undefined) return budget
  throw new LakeError('BAD_REQUEST', `The adapter names a budget '${id}' that it does not describe.`)
}

function serves(series: RestSeries, dataset: DatasetId): boolean {
  return (
    series.dataType === dataset.dataType &&
    series.markets.includes(dataset.market) &&
    series.parameters({ dataset, from: 0, to: 60_000_000, limit: 1, fromId: 0n }) !== undefined
  )
}

/** As in `um/klines/1m`. */
function servedBy(rest: RestRules | undefined): string[] {
  const served = new Set<string>()
  for (const series of rest?.series ?? []) {
    for (const market of series.markets) {
      const stem = `${market}/${series.dataType}`
      if (!isBarType(series.dataType)) {
        served.add(stem)
        continue
      }
      const dataset = { exchange: '', market, dataType: series.dataType, symbol: 'BTCUSDT' }
      const intervals = INTERVALS.filter((interval) => serves(series, { ...dataset, interval }))
      served.add(`${stem}/{${intervals.join(',')}}`)
    }
  }
  return [...served]
}
