import type { Interval } from '@lake/core'

/** In minutes. Its weeks begin on Thursdays, so they are left out. */
export const KRAKEN_MINUTES: Readonly<Partial<Record<Interval, number>>> = {
  '1m': 1, '5m': 5, '15m': 15, '30m': 30, '1h': 60, '4h': 240, '1d': 1440,
} // prettier-ignore
