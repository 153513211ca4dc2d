import type { DataType } from '@lake/core'
import type { Lake } from './define-lake.ts'
import type { SilverReaders } from './gold-task.ts'
import type { SilverReader } from './read-silver.ts'

/** Readers of the silver tables that gold is made of. What reading needs is loaded when one of them is asked. */
export function openSilverReaders(lake: Lake): SilverReaders {
  return {
    klines: readerOnDemand(lake, 'klines'),
    trades: readerOnDemand(lake, 'trades'),
    aggTrades: readerOnDemand(lake, 'aggTrades'),
    fundingRate: readerOnDemand(lake, 'fundingRate'),
  }
}

function readerOnDemand<D extends DataType>(lake: Lake, dataType: D): SilverReader<D> {
  let opened: Promise<SilverReader<D>> | undefined
  return async (request) => {
    opened ??= import('./read-silver.ts').then(({ openSilverReader }) => openSilverReader(lake, dataType))
    return (await opened)(request)
  }
}
