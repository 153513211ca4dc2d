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
        const topics = datasets.map((dataset) => channel.topic(dataset) ?? {})
        const [fields = []] = topics.map((topic) => Object.keys(topic))
        expect(fields, `${channel.id}: what its frames say about themselves`).not.toEqual([])
        for (const [index, topic] of topics.entries()) {
          const { symbol } = datasets[index] ?? { symbol: '' }
          expect(Object.keys(topic), channel.id).toEqual(fields)
          const isNamed = Object.values(topic).some((text) => text.toLowerCase().includes(symbol.toLowerCase()))
          expect(isNamed, `${channel.id}: ${symbol} in ${JSON.stringify(topic)}`).toBe(true)
        }
        expect(new Set(topics.map((topic) => JSON.stringify(topic))).size, channel.id).toBe(datasets.length)
        const { endpoint } = channel
        if (endpoint.kind === 'ccxt') continue
        const messages = endpoint.subscribe(datasets)
        expect(endpoint.subscribe(datasets), channel.id).toEqual(messages)
        for (const message of messages) expect(endpoint.answer?.(JSON.parse(message)), channel.id).toBeUndefined()
      }
    },
  },
]
