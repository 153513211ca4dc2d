import { expect } from 'vitest'
import { datasetsFor, type ExchangeCheck } from './exchange-check.ts'
import { expectEvidence } from './exchange-rest-checks.ts'

/** What every adapter promises about its streams. */
export const LIVE_CHECKS: readonly ExchangeCheck[] = [
  {
    name: 'says for every stream where it is, what its frames are and how that is known',
    run: ({ adapter }) => {
      for (const { id, endpoint, evidence, format, dataType, markets } of adapter.live?.channels ?? []) {
        expectEvidence(evidence, id)
        expect(format.dataType, id).toBe(dataType)
        expect(format.markets, id).toEqual(expect.arrayContaining([...markets]))
        if (endpoint.kind === 'ccxt') expect(endpoint.method, id).toMatch(/^watch[A-Z]/)
        else expect(endpoint.url, id).toMatch(/^wss?:\/\//)
      }
    },
  },
  {
    name: 'subscribes to what it is asked, always by the same messages',
    run: (subject) => {
      for (const channel of subject.adapter.live?.channels ?? []) {
        const datasets = datasetsFor(subject, channel)
        expect(datasets, `a dataset among the fixtures that ${channel.id} sends`).not.toEqual([])
        const { endpoint } = channel
        if (endpoint.kind === 'ccxt') continue
        const messages = endpoint.subscribe(datasets)
        expect(endpoint.subscribe(datasets), channel.id).toEqual(messages)
        // A stream of everything needs no name; then its frames must say whose they are.
        if (
          channel.symbolField !== undefined &&
          endpoint.subscribe([]).length === messages.length &&
          messages.length === 0
        )
          continue
        for (const { symbol } of datasets) {
          const named = [endpoint.url, ...messages].some((text) => text.toLowerCase().includes(symbol.toLowerCase()))
          expect(named || channel.symbolField !== undefined, `${channel.id}: ${symbol} in ${messages.join(' ')}`).toBe(
            true,
          )
        }
      }
    },
  },
]
