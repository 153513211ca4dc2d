import { expect } from 'vitest'
import { formatDatasetId } from '../dataset-id.ts'
import { ADAPTER_CONTRACT, defineExchange } from '../exchange-adapter.ts'
import { parsePeriod } from '../period.ts'
import { datasetsOf, type ExchangeCheck } from './exchange-check.ts'

const PERIODS = ['2024-02', '2024-02-29'].map(parsePeriod)

/** What every adapter promises about itself and its archive. */
export const ARCHIVE_CHECKS: readonly ExchangeCheck[] = [
  {
    name: 'is an adapter of this version of the contract',
    run: ({ adapter }) => {
      expect(defineExchange(adapter)).toBe(adapter)
      expect(adapter.contract, 'say `contract`, so that a later release knows what it was written for').toBe(
        ADAPTER_CONTRACT,
      )
      const { archive, rest, live } = adapter
      expect(
        [archive, rest, live].some((rules) => rules !== undefined),
        'it serves something',
      ).toBe(true)
    },
  },
  {
    name: 'has fixtures of its own datasets',
    run: (subject) => {
      expect(subject.fixtures.datasets).not.toEqual([])
      for (const dataset of datasetsOf(subject))
        expect(dataset.exchange, formatDatasetId(dataset)).toBe(subject.adapter.id)
    },
  },
  {
    name: 'reads real keys of its archive, and spells them again',
    run: ({ adapter, fixtures }) => {
      const { archive } = adapter
      if (archive === undefined) return
      expect(fixtures.archiveKeys ?? [], 'name some keys that the archive really has').not.toEqual([])
      for (const key of fixtures.archiveKeys ?? []) {
        const name = archive.parseKey(key)
        if (name === undefined) expect.fail(`${key} is not known as a data file`)
        expect(name.dataset.exchange).toBe(adapter.id)
        expect(archive.key(name.dataset, parsePeriod(name.period.label))).toBe(key)
        expectBelowPrefix(archive.prefixes(name.dataset), key)
      }
    },
  },
  {
    name: 'reads every key that it spells, which lies below one of its prefixes and in folders that it knows',
    run: (subject) => {
      const { archive } = subject.adapter
      if (archive === undefined) return
      for (const dataset of datasetsOf(subject)) {
        for (const period of PERIODS) {
          const key = archive.key(dataset, period)
          if (key === undefined) continue
          const name = archive.parseKey(key)
          expect(name?.dataset, key).toEqual(dataset)
          expect(name?.period.label, key).toBe(period.label)
          expectBelowPrefix(archive.prefixes(dataset), key)
          if (archive.readFolder === undefined) continue
          for (let slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) {
            const folder = key.slice(0, slash + 1)
            expect(archive.readFolder(folder), `the folder ${folder} leads to ${key}`).not.toEqual([])
          }
        }
      }
    },
  },
  {
    name: 'knows no keys of other venues, and no data in other files',
    run: (subject) => {
      const { archive } = subject.adapter
      if (archive === undefined) return
      for (const dataset of datasetsOf(subject)) {
        const foreign = { ...dataset, exchange: 'elsewhere' }
        expect(archive.key(foreign, parsePeriod('2024-02-29'))).toBeUndefined()
        expect(archive.prefixes(foreign)).toEqual([])
      }
      for (const key of [
        '',
        'index.html',
        'robots.txt',
        'data/',
        ...(subject.fixtures.archiveKeys ?? []).map((one) => `${one}.CHECKSUM`),
      ]) {
        expect(archive.parseKey(key), key).toBeUndefined()
      }
    },
  },
]

function expectBelowPrefix(prefixes: readonly string[], key: string): void {
  expect(
    prefixes.some((prefix) => key.startsWith(prefix)),
    `${key} lies below one of ${prefixes.join(' ')}`,
  ).toBe(true)
}
