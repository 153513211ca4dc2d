import { expect } from 'vitest'
import { parseDatasetId } from '../dataset-id.ts'
import type { ExchangeAdapter } from '../exchange-adapter.ts'
import type { LiveStream } from '../live-rules.ts'
import { respellSymbol } from '../symbol-spelling.ts'
import { datasetsFor, type ExchangeCheck } from './exchange-check.ts'
import { expectEvidence } from './exchange-rest-checks.ts'

/** What every adapter promises about its streams. */
export const LIVE_CHECKS: readonly ExchangeCheck[] = [
  {
    name: 'says for every stream where it is, what its frames are and how that is known',
    run: ({ adapter }) => {
      for (const { id, format, dataType, markets } of adapter.live?.channels ?? []) {
        expect(format.dataType, `${id}: the data type of its format`).toBe(dataType)
        expect(format.markets, id).toEqual(expect.arrayContaining([...markets]))
      }
      for (const { id, endpoint, evidence } of streamsOf(adapter)) {
        expectEvidence(evidence, id)
        if (endpoint.kind === 'ccxt') expect(endpoint.method, id).toMatch(/^watch[A-Z]/)
        else expect(endpoint.url, id).toMatch(/^wss?:\/\//)
      }
    },
  },
  {
    name: 'subscribes to what it is asked, always by the same messages',
    run: (subject) => {
      for (const channel of streamsOf(subject.adapter)) {
        const datasets = datasetsFor(subject, channel)
        expect(datasets, `a dataset among the fixtures that ${channel.id} sends`).not.toEqual([])
        const topics = datasets.map((dataset) => channel.topic(dataset) ?? {})
        const [fields = []] = topics.map((topic) => Object.keys(topic))
        expect(fields, `${channel.id}: what its frames say about themselves`).not.toEqual([])
        for (const [index, topic] of topics.entries()) {
          const { symbol } = datasets[index] ?? { symbol: '' }
          expect(Object.keys(topic), channel.id).toEqual(fields)
          const texts = Object.values(topic).flatMap((text) => [text, respellSymbol(text, channel.spelling)])
          const isNamed = texts.some((text) => text.toLowerCase().includes(symbol.toLowerCase()))
          expect(isNamed, `${channel.id}: ${symbol} in ${JSON.stringify(topic)}`).toBe(true)
        }
        expect(new Set(topics.map((topic) => JSON.stringify(topic))).size, channel.id).toBe(datasets.length)
        const { endpoint } = channel
        if (endpoint.kind === 'ccxt') continue
        const messages = endpoint.subscribe(datasets)
        expect(endpoint.subscribe(datasets), channel.id).toEqual(messages)
        for (const message of messages) {
          const echo = endpoint.answer?.(JSON.parse(message))
          expect(echo, `${channel.id}: what it sends itself is no answer: ${message}`).toBeUndefined()
        }
      }
    },
  },
  {
    name: 'knows of recorded frames what they are of',
    run: ({ adapter, fixtures }) => {
      for (const { channel, dataset, body } of fixtures.frames ?? []) {
        const stream = streamsOf(adapter).find(({ id }) => id === channel)
        const frame: unknown = JSON.parse(body)
        for (const [path, text] of Object.entries(stream?.topic(parseDatasetId(dataset)) ?? {})) {
          expect(textsAt(frame, path.split('.')), `${channel}: ${path} of a frame of ${dataset}`).toContain(text)
        }
      }
    },
  },
]

function streamsOf({ live }: ExchangeAdapter): readonly LiveStream[] {
  return [...(live?.channels ?? []), ...(live?.rawStreams ?? [])]
}

/** The texts and numbers at a path of a value, `*` for every member. */
function textsAt(value: unknown, [step, ...rest]: readonly string[]): readonly unknown[] {
  if (step === undefined) return [typeof value === 'number' ? String(value) : value]
  const members = Object.entries(value ?? {}).filter(([name]) => step === '*' || name === step)
  return members.flatMap(([, member]) => textsAt(member, rest))
}
