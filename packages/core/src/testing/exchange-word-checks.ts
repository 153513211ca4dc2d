import { expect } from 'vitest'
import type { PageFormat } from '../page-format.ts'
import type { PageWalk, RestEndpoint } from '../rest-rules.ts'
import type { SourceFormat } from '../source-format.ts'
import { DATA_TYPES, MARKETS } from '../vocabulary.ts'
import { ARROW_OF_KIND } from './arrow-of-kind.ts'
import { type ExchangeCheck, formatsOf } from './exchange-check.ts'

/*
 * TypeScript holds these words; an adapter in plain JavaScript has nobody else who would notice a misspelt one. Each
 * list has all words of its type, or does not compile.
 */

const WALKS: Readonly<Record<PageWalk, true>> = { forward: true, backward: true, id: true, cursor: true, latest: true }
const SHAPES: Readonly<Record<PageFormat['shape'], true>> = { array: true, object: true, single: true }
const CONTAINERS: Readonly<Record<SourceFormat['container'], true>> = { 'zip-csv': true, 'gzip-csv': true, csv: true }
const ENDPOINTS: Readonly<Record<RestEndpoint['kind'], true>> = { http: true, ccxt: true }

/** What every adapter promises about its words. */
export const WORD_CHECKS: readonly ExchangeCheck[] = [
  {
    name: 'uses no words but those of the contract',
    run: (subject) => {
      const { rest, live } = subject.adapter
      for (const series of rest?.series ?? []) {
        expectKnown(series, series.id)
        expectWord(series.walk, Object.keys(WALKS), `${series.id}: its walk`)
        expectWord(series.endpoint.kind, Object.keys(ENDPOINTS), `${series.id}: the kind of its endpoint`)
        expect(typeof series.parameters, `${series.id}: its parameters`).toBe('function')
      }
      for (const channel of live?.channels ?? []) {
        expectKnown(channel, channel.id)
        expect(typeof channel.topic, `${channel.id}: its topic`).toBe('function')
      }
      for (const format of formatsOf(subject)) {
        expectKnown(format, format.id)
        if ('shape' in format) expectWord(format.shape, Object.keys(SHAPES), `${format.id}: its shape`)
        else expectWord(format.container, Object.keys(CONTAINERS), `${format.id}: its container`)
        for (const { name, kind } of format.columns) {
          expectWord(kind, Object.keys(ARROW_OF_KIND), `${format.id}: the kind of ${name}`)
        }
      }
    },
  },
]

function expectKnown(
  { dataType, markets }: { readonly dataType: string; readonly markets: readonly string[] },
  what: string,
): void {
  expectWord(dataType, DATA_TYPES, `${what}: its data type`)
  for (const market of markets) expectWord(market, MARKETS, `${what}: a market of it`)
}

function expectWord(word: string, words: readonly string[], what: string): void {
  expect(words.includes(word), `${what} is '${word}', where there are only ${words.join(' ')}`).toBe(true)
}
