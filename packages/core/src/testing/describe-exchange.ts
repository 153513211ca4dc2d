import { describe, test } from 'vitest'
import type { ExchangeAdapter } from '../exchange-adapter.ts'
import { ARCHIVE_CHECKS } from './exchange-archive-checks.ts'
import type { ExchangeCheck } from './exchange-check.ts'
import type { ExchangeFixtures, ExchangeParsers } from './exchange-fixtures.ts'
import { FORMAT_CHECKS } from './exchange-format-checks.ts'
import { LIVE_CHECKS } from './exchange-live-checks.ts'
import { REST_CHECKS } from './exchange-rest-checks.ts'
import { SAMPLE_CHECKS } from './exchange-sample-checks.ts'
import { WORD_CHECKS } from './exchange-word-checks.ts'

/** Everything that the contract of an adapter promises. */
export const EXCHANGE_CHECKS: readonly ExchangeCheck[] = [
  ...WORD_CHECKS,
  ...ARCHIVE_CHECKS,
  ...FORMAT_CHECKS,
  ...REST_CHECKS,
  ...LIVE_CHECKS,
  ...SAMPLE_CHECKS,
]

/**
 * Declares the tests of everything that an exchange adapter promises: keys that can be read back, formats that fill
 * their tables, queries that are plain data and within limits, walks that can go on, budgets, subscriptions, and that
 * pages, frames and files which the venue really sent are what the adapter says.
 *
 * Recordings are read by a slow reader of the suite itself; hand over the parsers of `@lake/parse`, and they must find
 * the same.
 *
 * @example
 * const fixtures = await readExchangeFixtures(new URL('../fixtures/fixtures.json', import.meta.url))
 * describeExchange(myExchange, fixtures)
 */
export function describeExchange(
  adapter: ExchangeAdapter,
  fixtures: ExchangeFixtures,
  parsers: ExchangeParsers = {},
): void {
  describe(`${adapter.id} as an exchange`, () => {
    for (const { name, run } of EXCHANGE_CHECKS) {
      test(name, async () => {
        await run({ adapter, fixtures, parsers })
      })
    }
  })
}
