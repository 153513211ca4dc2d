import type { Check } from './contract.ts'

/** The columns that a check looks at. */
export function checkedColumns(check: Check): readonly string[] {
  switch (check.check) {
    case 'bounds':
    case 'together':
      return check.columns
    case 'ordered':
      return [check.lower, check.upper]
    case 'ohlc':
      return ['open', 'high', 'low', 'close']
    case 'vwap':
      return ['high', 'low', 'volume', 'quote_volume']
    case 'product':
      return [check.left, check.right, check.product]
    case 'grid':
      return ['ts_event']
    case 'close-time':
    case 'short-bar':
      return ['ts_event', 'close_time']
    case 'stuck':
      return check.unless === undefined ? [check.column] : [check.column, check.unless]
    case 'custom':
      return []
    default:
      return [check.column]
  }
}

/**
 * How a report calls a check.
 *
 * @example
 * checkName({ check: 'stuck', column: 'close', rows: 240, severity: 'warning' }) // 'stuck(close)'
 */
export function checkName(check: Check): string {
  if (check.name !== undefined) return check.name
  if (check.check === 'near') return `near(${check.column}, ${check.reference}.${check.other})`
  const columns = checkedColumns(check)
  const isPlain = ['ohlc', 'vwap', 'grid', 'close-time', 'short-bar'].includes(check.check)
  return isPlain ? check.check : `${check.check}(${columns.join(', ')})`
}
