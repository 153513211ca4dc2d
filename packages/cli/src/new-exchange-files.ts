/** What a scaffold is made for. */
export interface ScaffoldOptions {
  /** The id of the exchange: a lower-case word. */
  readonly id: string
  /** The version that the packages of the lake have. */
  readonly version: string
}

/** The files of a new adapter by their names: it stands, its tests pass, and what is invented in it says so. */
export function newExchangeFiles({ id, version }: ScaffoldOptions): ReadonlyMap<string, string> {
  const name = `define${id.charAt(0).toUpperCase()}${id.slice(1)}`
  return new Map([
    ['package.json', packageFile(id, version)],
    ['tsconfig.json', TSCONFIG],
    ['vitest.config.mjs', VITEST_CONFIG],
    [`${id}.mjs`, adapterFile(id, name)],
    [`${id}.test.mjs`, testFile(id, name)],
    ['record-fixtures.mjs', recorderFile(id, name)],
    ['fixtures/fixtures.json', fixturesFile(id)],
    ['fixtures/klines.json', PAGE],
    ['README.md', readmeFile(id, name)],
  ])
}

function packageFile(id: string, version: string): string {
  const lake = `^${version}`
  const content = {
    name: `lake-exchange-${id}`,
    version: '0.0.0',
    private: true,
    description: `What the lake has to know about ${id}.`,
    type: 'module',
    exports: `./${id}.mjs`,
    scripts: { test: 'tsc && vitest run', record: 'node record-fixtures.mjs' },
    dependencies: { '@lake/core': lake },
    devDependencies: { '@types/node': '20.19.43', 'apache-arrow': '21.2.0', typescript: '6.0.3', vitest: '4.1.12' },
  }
  return `${JSON.stringify(content, undefined, 2)}\n`
}

const TSCONFIG = `{
  "compilerOptions": {
    "allowJs": true,
    "checkJs": true,
    "noEmit": true,
    "strict": true,
    "module": "nodenext",
    "target": "es2023",
    "lib": ["es2023"],
    "types": ["node"],
    "skipLibCheck": true
  },
  "include": ["*.mjs"]
}
`

const VITEST_CONFIG = `import { defineConfig } from 'vitest/config'

export default defineConfig({ test: { include: ['*.test.mjs'] } })
`

function adapterFile(id: string, name: string): string {
  return `// What the lake has to know about ${id}: data and pure functions, no request is made here.
import { defineExchange } from '@lake/core'

/** The venue's words for intervals; those that it does not have are left out. @type {Partial<Record<string, string>>} */
const INTERVALS = { '1m': '1m', '1h': '1h', '1d': '1d' }

/**
 * Bars, page by page. INVENTED: replace the address, the parameters and the columns by those of the venue.
 *
 * @param {string} url
 * @returns {import('@lake/core').RestSeries}
 */
const klines = (url) => ({
  id: '${id}-klines',
  dataType: 'klines',
  markets: ['spot'],
  endpoint: { kind: 'http', url: \`\${url}/v1/klines\` },
  walk: 'forward',
  pageLimit: 1000,
  budget: '${id}',
  parameters({ dataset: { symbol, interval }, from, to, limit }) {
    const word = interval === undefined ? undefined : INTERVALS[interval]
    if (word === undefined) return undefined
    // The lake's ranges are closed-open and in microseconds.
    return { symbol, interval: word, start: Math.ceil(from / 1000), end: Math.ceil(to / 1000) - 1, limit }
  },
  format: {
    id: '${id}-rest-klines',
    dataType: 'klines',
    markets: ['spot'],
    rows: ['data'],
    shape: 'array',
    columns: [
      { name: 'time', kind: 'time', to: 'ts_event' },
      { name: 'open', kind: 'decimal', to: 'open' },
      { name: 'high', kind: 'decimal', to: 'high' },
      { name: 'low', kind: 'decimal', to: 'low' },
      { name: 'close', kind: 'decimal', to: 'close' },
      { name: 'volume', kind: 'decimal', to: 'volume' },
    ],
    closeBefore: 1000,
    units: { volume: 'base asset' },
  },
  evidence: 'INVENTED: name the page of the documentation, or the recorded answer.',
})

/** @param {string} url where the venue is; another one for tests */
export const ${name} = (url = 'https://api.${id}.example') =>
  defineExchange({
    id: '${id}',
    contract: 1,
    rest: {
      // INVENTED: how much the venue lets one address ask for.
      budgets: [{ id: '${id}', weight: 60, window: 60_000_000 }],
      series: [klines(url)],
    },
    // Also: archive and formats (see defineBucketArchive), live, outages, omitsEmptyBars, contractSize.
  })
`
}

function testFile(id: string, name: string): string {
  return `import { describeExchange, readExchangeFixtures } from '@lake/core/testing'
import { ${name} } from './${id}.mjs'

// Every promise of the contract, and that recorded answers are what the adapter says.
describeExchange(${name}(), await readExchangeFixtures(new URL('fixtures/fixtures.json', import.meta.url)))
`
}

function recorderFile(id: string, name: string): string {
  return `// Asks the venue for one small page of each series and keeps it as a fixture: node record-fixtures.mjs [url] [time]
// Then look at each file, and write down in fixtures.json what its first row says.
import { readFile, writeFile } from 'node:fs/promises'
import { parseDatasetId } from '@lake/core'
import { ${name} } from './${id}.mjs'

const [url, time] = process.argv.slice(2)
const { rest } = ${name}(url)
const to = time === undefined ? Date.now() * 1000 : Date.parse(time) * 1000
const path = new URL('fixtures/fixtures.json', import.meta.url)
const fixtures = JSON.parse(await readFile(path, 'utf8'))
/** @type {import('@lake/core').DatasetId[]} */
const datasets = fixtures.datasets.map(parseDatasetId)

for (const series of rest?.series ?? []) {
  const dataset = datasets.find(({ dataType, market }) => dataType === series.dataType && series.markets.includes(market))
  if (dataset === undefined) stop(\`fixtures.json has no dataset that \${series.id} serves\`)
  const parameters = series.parameters({ dataset, from: to - 3_600_000_000, to, limit: Math.min(5, series.pageLimit) })
  if (parameters === undefined) stop(\`\${series.id} does not serve the dataset of its market in fixtures.json\`)
  const { endpoint } = series
  if (endpoint.kind !== 'http') stop(\`\${series.id}: ask ccxt's \${endpoint.method}, and keep its answer\`)
  const address = new URL(endpoint.url)
  for (const [key, value] of Object.entries(parameters)) address.searchParams.set(key, String(value))
  const response = await fetch(address).catch((error) =>
    stop(\`\${address.href} does not answer: \${error.cause?.code ?? error.message}. Is that the address of the venue? This page was not kept.\`),
  )
  const body = await response.text()
  if (!response.ok) stop(\`\${address.href}: HTTP \${response.status}: \${body.slice(0, 200)}\`)
  const file = \`\${series.id}.json\`
  await writeFile(new URL(file, path), body)
  const rows = rowsAt(JSON.parse(body), series.format.rows)
  const { market, dataType, symbol, interval } = dataset
  const id = [dataset.exchange, market, dataType, encodeURIComponent(symbol), ...(interval === undefined ? [] : [interval])].join('/')
  const others = fixtures.pages.filter((/** @type {{ series: string }} */ page) => page.series !== series.id)
  fixtures.pages = [...others, { series: series.id, dataset: id, file, rows }]
  console.log(\`\${file}: \${rows} rows of \${address.href}\`)
}
await writeFile(path, \`\${JSON.stringify(fixtures, undefined, 2)}\\n\`)

/**
 * Ends the program with a sentence.
 *
 * @param {string} message
 * @returns {never}
 */
function stop(message) {
  console.error(message)
  process.exit(1)
}

/**
 * How many rows lie where a format says.
 *
 * @param {any} value
 * @param {readonly string[]} steps
 * @returns {number}
 */
function rowsAt(value, [step, ...rest]) {
  if (step === undefined) return Array.isArray(value) ? value.length : 0
  const members = step === '*' ? Object.values(value) : [value?.[step]]
  return members.reduce((sum, member) => sum + rowsAt(member, rest), 0)
}
`
}

/** Two bars in the form that the adapter invents. */
const PAGE = `{"data":[[1704067200000,"42283.58","42298.62","42261.02","42298.61","35.92724"],[1704067260000,"42298.62","42320.00","42298.61","42320.00","21.16779"]]}
`

function fixturesFile(id: string): string {
  const fixtures = {
    datasets: [`${id}/spot/klines/BTCUSDT/1m`],
    pages: [
      {
        ...{ series: `${id}-klines`, dataset: `${id}/spot/klines/BTCUSDT/1m`, file: 'klines.json', rows: 2 },
        first: { ts_event: 1_704_067_200_000_000, open: 42283.58, close: 42298.61, volume: 35.92724 },
      },
    ],
  }
  return `${JSON.stringify(fixtures, undefined, 2)}\n`
}

function readmeFile(id: string, name: string): string {
  return `# ${id} for the lake

An exchange adapter: data and pure functions that say what ${id} has and what it looks like. \`${id}.mjs\` stands and its tests pass, but what is marked INVENTED
in it is invented: replace it step by step, and keep the tests green.

1. \`npm install\`, \`npm test\`: types, and the conformance suite of \`@lake/core/testing\`. As long as \`@lake/core\` is on no registry, install it as the guide
   of the lake, \`docs/guides/add-an-exchange.md\`, says: packed from a checkout.
2. Put the venue's address, parameters and columns into \`${id}.mjs\`; say in \`evidence\` where they are documented.
3. \`npm run record\` keeps an answer of each series in \`fixtures/\`. Look at them, and write into \`fixtures.json\` what their first rows say.
4. Add the other data: \`archive\` and \`formats\`, more series, \`live\`. The suite asks for a fixture of each.
5. Use it: \`defineLake({ lake, exchanges: [${name}()] })\`, or \`fetchRange({ adapter: ${name}(), dataset, range })\`.

Its row in the table of exchanges, as \`capabilityRows\` of \`@lake/exchanges\` makes it from the adapter:

| exchange | data | archive, parsed | REST | live |
| --- | --- | --- | --- | --- |
| ${id} | klines | – | spot: 1000 a page, by time | – |
`
}
