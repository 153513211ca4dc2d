import type { ExchangeAdapter, RateBudget, RestSeries } from '@lake/core'

/** The numbers that an adapter's REST rules hold, each with what is known of it, as rows of Markdown tables. */
export interface LimitRows {
  /** `budget | weight | how it is known` */
  readonly budgets: readonly string[]
  /** `series | rows of a page | weight | budget | how it is known` */
  readonly series: readonly string[]
}

/**
 * The rows that an adapter fills in the tables of limits and of what stands behind them.
 *
 * @example
 * limitRows(coinbase).budgets // ['| coinbase | 10 in 1 s | ccxt 4.5.84, coinbaseexchange: … |']
 */
export function limitRows({ rest }: ExchangeAdapter): LimitRows {
  return { budgets: (rest?.budgets ?? []).map(budgetRow), series: (rest?.series ?? []).map(seriesRow) }
}

/** A page of Markdown tables for adapters, in their order. */
export function limitTables(adapters: readonly ExchangeAdapter[]): string {
  const rows = adapters.map(limitRows)
  const [budgetHead, seriesHead] = [
    ['budget', 'weight', 'how it is known'],
    ['series', 'rows of a page', 'weight', 'budget', 'how it is known'],
  ]
  return [
    ...[rowOf(budgetHead), rowOf(budgetHead.map(() => '---')), ...rows.flatMap(({ budgets }) => budgets), ''],
    ...[rowOf(seriesHead), rowOf(seriesHead.map(() => '---')), ...rows.flatMap(({ series }) => series), ''],
  ].join('\n')
}

function budgetRow({ id, weight, window, evidence = '–' }: RateBudget): string {
  return rowOf([id, `${weight} in ${window / 1_000_000} s`, evidence])
}

function seriesRow(series: RestSeries): string {
  const { id, pageLimit, budget, evidence } = series
  const [least, most] = [1, pageLimit].map((rows) => series.weight?.(rows) ?? 1)
  return rowOf([id, String(pageLimit), least === most ? String(most) : `${least} to ${most}`, budget, evidence])
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
