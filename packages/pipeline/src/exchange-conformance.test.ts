import { tableSchema } from '@lake/core'
import { describeExchange, type ExchangeParsers, readExchangeFixtures } from '@lake/core/testing'
import { listExchanges } from '@lake/exchanges'
import { parseArchiveFile, parsePageTables } from '@lake/parse'
import { Table } from 'apache-arrow'

// The same suite as beside the adapters, with the true parsers: they must find what the suite's slow reader finds.
const FIXTURES = new URL('../../exchanges/fixtures/', import.meta.url)

for (const adapter of listExchanges()) {
  const parsers: ExchangeParsers = {
    async parsePage(page, format) {
      const { dataset, series: id } = page.envelope
      const { tables } = await parsePageTables({ pages: [page], dataset, series: [{ id, format }] })
      return tables[0]?.table ?? new Table(tableSchema(dataset.dataType))
    },
    async parseFile(bytes, key, { dataset, period }) {
      const { table } = await parseArchiveFile({ bytes, name: key, dataset, period, formats: adapter.formats ?? [] })
      return table
    },
  }
  describeExchange(adapter, await readExchangeFixtures(new URL(`${adapter.id}/fixtures.json`, FIXTURES)), parsers)
}
