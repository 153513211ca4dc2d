import { DATA_TYPES, INTERVALS, MARKETS } from '@lake/core'
import type { Command } from 'commander'

/** The options that select a part of an archive. */
export interface ScopeOptions {
  readonly exchange: string
  readonly market?: readonly string[] | undefined
  readonly type?: readonly string[] | undefined
  readonly symbol?: readonly string[] | undefined
  readonly quote?: string | undefined
  readonly interval?: readonly string[] | undefined
  /** False with `--no-delisted`. */
  readonly delisted: boolean
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** Adds them to a command. */
export function withScope(command: Command): Command {
  return command
    .option('--exchange <name>', 'the exchange whose archive it is', 'binance')
    .option('--market <market...>', `only these: ${MARKETS.join(' ')}`)
    .option('--type <type...>', `only these data types: ${DATA_TYPES.slice(0, 7).join(' ')} and more`)
    .option('--symbol <symbol...>', "only these; a glob such as 'BTC*' works too")
    .option('--quote <asset>', 'only symbols that are quoted in it, as in USDT')
    .option('--interval <interval...>', `only these, of bars: ${INTERVALS.join(' ')}`)
    .option('--no-delisted', 'leave out symbols that have ended')
    .option('--from <date>', 'the first day, 2024-01-01')
    .option('--to <date>', 'the day after the last one (closed-open)')
}
