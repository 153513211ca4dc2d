import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  DATA_TYPES,
  floatValues,
  formatInstant,
  goldSeries,
  integerValues,
  isBarType,
  makeTable,
  nullFlags,
  parseDatasetId,
  parseInstant,
  partitionKey,
  type Series,
  silverSeries,
  tableSchema,
  wordValues,
} from '@lake/core'
import { readParquet, writeParquet } from '@lake/parquet'
import { openStore } from '@lake/storage'
import { DataType, Dictionary, Field, Float64, Int32, Int64, Schema, type Table, Utf8 } from 'apache-arrow'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Catalog, type JsonValue, openCatalog, type QueryResult } from './index.ts'
import { putPartition, sampleTable, temporaryLake } from './testing/temporary-lake.ts'

const JANUARY = parseInstant('2024-01-01')
const FEBRUARY = parseInstant('2024-02-01')
const klines = silverSeries(parseDatasetId('binance/spot/klines/BTCUSDT/1m'))

describe('a table of the catalog', () => {
  const tables: readonly [name: string, dataType: (typeof DATA_TYPES)[number] | 'bars' | 'funding', series: Series][] =
    [
      ...DATA_TYPES.map((dataType): [string, typeof dataType, Series] => {
        const id = parseDatasetId(`binance/um/${dataType}/BTC_USDT${isBarType(dataType) ? '/1h' : ''}`)
        return [silverSeries(id).table, dataType, silverSeries(id)]
      }),
      ...(['bars', 'funding'] as const).map((name): [string, typeof name, Series] => {
        return [name, name, goldSeries(name, parseDatasetId('binance/um/fundingRate/BTC_USDT'), '1d')]
      }),
    ]

  test.each(tables)('%s gives DuckDB the very values that readParquet gives', async (name, dataType, series) => {
    const { store, folder } = await temporaryLake()
    const key = await putPartition(store, series, '2024-01', sampleTable(dataType, JANUARY, 50))
    await using catalog = await openCatalog({ store })
    const read = await readParquet(await readFile(join(folder, key)), { schema: tableSchema(dataType) })
    const folders = ['exchange', 'market', 'symbol', ...(series.interval === undefined ? [] : ['interval']), 'month']
    const result = await catalog.query(`from ${name} order by ts_event`)
    expect(result.columns.map((column) => column.name)).toEqual([...read.schema.names, ...folders])
    expect(result.objects().map((row) => pick(row, read.schema.names))).toEqual(jsonRows(read))
    const identity = {
      exchange: 'binance',
      market: 'um',
      symbol: 'BTC_USDT',
      interval: series.interval,
      month: '2024-01',
    }
    expect(pick(result.objects()[7] ?? {}, folders)).toEqual(pick(identity, folders))
  })

  test.each(tables)(
    '%s has no rows, but its columns and types, as long as it has no file',
    async (name, dataType, series) => {
      const { store } = await temporaryLake()
      await using catalog = await openCatalog({ store })
      expect((await catalog.query(`select count(*) as rows from ${name}`)).objects()).toEqual([{ rows: 0 }])
      const empty = (await catalog.query(`select * from ${name}`)).columns
      await putPartition(store, series, '2024-01', sampleTable(dataType, JANUARY, 3))
      const filled = await catalog.query(`select * from ${name}`)
      expect(filled.rows).toBe(3)
      expect(filled.columns).toEqual(empty)
      expect((await catalog.tables()).find((table) => table.name === name)).toMatchObject({ columns: empty, files: 1 })
    },
  )

  test('reads columns that are null throughout, and files without rows', async () => {
    const { store } = await temporaryLake()
    const premium = silverSeries(parseDatasetId('binance/um/premiumIndexKlines/BTCUSDT/1m'))
    const nothing = { values: new BigInt64Array(3), nulls: new Uint8Array(3).fill(1) }
    const rest = sampleTable('premiumIndexKlines', JANUARY, 3).select(['ts_event', 'ts_available', 'source', 'open'])
    const fields = [
      new Field('trade_count', new Int64(), true),
      new Field('volume', new Float64(), true),
      new Field('quote_volume', new Float64(), true),
      new Field('word', new Dictionary(new Utf8(), new Int32()), true),
    ]
    const nulls = makeTable(new Schema(fields), {
      trade_count: nothing,
      volume: new Float64Array(3).fill(Number.NaN),
      quote_volume: new Float64Array(3).fill(Number.NaN),
      word: { codes: new Int32Array(3).fill(-1), words: [] },
    })
    await store.put(partitionKey(premium, '2024-01'), writeParquet(rest.assign(nulls)))
    await store.put(partitionKey(premium, '2024-02'), writeParquet(rest.assign(nulls).slice(0, 0)))
    await using catalog = await openCatalog({ store })
    const glob = `${fileURLToPath(store.url)}/silver/premium_klines/**/*.parquet`
    const result = await catalog.query('select trade_count, volume, quote_volume, word from read_parquet($1)', [glob])
    expect(result.objects()).toEqual(
      new Array(3).fill({ trade_count: null, volume: null, quote_volume: null, word: null }),
    )
  })

  test('keeps up with files that come, are replaced, and go', async () => {
    const { store } = await temporaryLake()
    await using catalog = await openCatalog({ store })
    const rows = async (): Promise<JsonValue> => count(await catalog.query('select count(*) from klines'))
    expect(await rows()).toBe(0)
    const january = await putPartition(store, klines, '2024-01', sampleTable('klines', JANUARY, 10))
    expect(await rows()).toBe(10)
    const february = await putPartition(store, klines, '2024-02', sampleTable('klines', FEBRUARY, 5))
    expect(await rows()).toBe(15)
    await putPartition(store, klines, '2024-01', sampleTable('klines', JANUARY, 11))
    expect(await rows()).toBe(16)
    await store.delete(january)
    await store.delete(february)
    expect(await rows()).toBe(0)
    await putPartition(store, klines, '2024-02', sampleTable('klines', FEBRUARY, 2))
    expect(await rows()).toBe(2)
  })

  test('sees a replaced file of the same size at once', async () => {
    const { store } = await temporaryLake()
    await using catalog = await openCatalog({ store })
    for (let day = 0; day < 5; day++) {
      await putPartition(store, klines, '2024-01', sampleTable('klines', JANUARY + day * 86_400_000_000, 10))
      const [row] = (await catalog.query('select min(ts_event) as first from klines')).objects()
      expect(row).toEqual({ first: formatInstant(JANUARY + day * 86_400_000_000) })
    }
  })

  test.each(['币安人生USDT', 'A B+C&D=%', "it's", '1000', '2024-01-01'])(
    'shows the symbol %s as the venue writes it',
    async (symbol) => {
      const { store } = await temporaryLake()
      await putPartition(store, { ...klines, symbol }, '2024-01', sampleTable('klines', JANUARY, 2))
      await using catalog = await openCatalog({ store })
      const result = await catalog.query(
        'select distinct symbol, typeof(month) as type from klines where symbol = $1',
        [symbol],
      )
      expect(result.objects()).toEqual([{ symbol, type: 'VARCHAR' }])
    },
  )

  test.each(['we[i]rd', "it's a lake", 'a*b?', 'ünï 100%20', 'a{b,c}'])('lies in a folder named %s', async (name) => {
    const { store } = await temporaryLake(name)
    await putPartition(store, klines, '2024-01', sampleTable('klines', JANUARY, 4))
    await using catalog = await openCatalog({ store })
    expect(count(await catalog.query('select count(*) from klines'))).toBe(4)
  })
})

describe('pruning', () => {
  test('opens only the files whose exchange, market, symbol, interval and month match', async () => {
    const { store, folder } = await temporaryLake()
    const one = await putPartition(store, klines, '2024-01', sampleTable('klines', JANUARY, 10))
    const others = [
      await putPartition(store, klines, '2024-02', sampleTable('klines', FEBRUARY, 10)),
      await putPartition(store, { ...klines, symbol: 'ETHUSDT' }, '2024-01', sampleTable('klines', JANUARY, 10)),
      await putPartition(store, { ...klines, interval: '1h' }, '2024-01', sampleTable('klines', JANUARY, 10)),
      await putPartition(store, { ...klines, market: 'um' }, '2024-01', sampleTable('klines', JANUARY, 10)),
      await putPartition(store, { ...klines, exchange: 'okx' }, '2024-01', sampleTable('klines', JANUARY, 10)),
    ]
    await using catalog = await openCatalog({ store })
    expect(count(await catalog.query('select count(*) from klines'))).toBe(60)
    const query = `select sum(close) as sum from klines where exchange = 'binance' and market = 'spot'
      and symbol = 'BTCUSDT' and interval = '1m' and month = '2024-01'`
    const before = (await catalog.query(query)).objects()
    for (const key of others.filter((key) => key > one)) await writeFile(join(folder, key), 'damaged')
    expect((await catalog.query(query)).objects()).toEqual(before)
    const plan = (await catalog.query(`explain analyze ${query}`)).objects()
    expect(JSON.stringify(plan)).toMatch(/Total Files Read: 1\b/)
  })

  test('skips the row groups outside a range of time: no cast stands before the statistics', async () => {
    const { store } = await temporaryLake()
    await putPartition(store, klines, '2024-01', sampleTable('klines', JANUARY, 44_640))
    await using catalog = await openCatalog({ store })
    const plan = await catalog.query("explain select close from klines where ts_event < timestamptz '2024-01-02'")
    const text = JSON.stringify(plan.objects())
    expect(text).toMatch(/Filters:[^F]*ts_event</)
    expect(text).not.toMatch(/CAST/i)
  })
})

describe('query', () => {
  test('takes parameters by place and by name', async () => {
    const { store } = await temporaryLake()
    await putPartition(store, klines, '2024-01', sampleTable('klines', JANUARY, 10))
    await using catalog = await openCatalog({ store })
    const from = new Date('2024-01-01T00:03:00Z')
    expect(count(await catalog.query('select count(*) from klines where ts_event >= $1', [from]))).toBe(7)
    expect(count(await catalog.query('select count(*) from klines where ts_event >= $from', { from }))).toBe(7)
    expect(
      count(await catalog.query('select count(*) from klines where ts_event >= ?', ['2024-01-01T00:03:00Z'])),
    ).toBe(7)
    const types =
      'select typeof($1), typeof($2), typeof($3), typeof($4), typeof($5), typeof($6), $7 is null, typeof($8)'
    const [row] = (await catalog.query(types, [1, 1.5, 2n, 2n ** 70n, 'x', true, null, -0])).objects()
    expect(Object.values(row ?? {})).toEqual([
      'BIGINT',
      'DOUBLE',
      'BIGINT',
      'HUGEINT',
      'VARCHAR',
      'BOOLEAN',
      true,
      'DOUBLE',
    ])
  })

  test.each<[string, Parameters<Catalog['query']>[1]]>([
    ['select $1', []],
    ['select $1', [1, 2]],
    ['select $a', { b: 1 }],
    ['select $1', [new Date(Number.NaN)]],
    ['select $1', [2n ** 200n]],
  ])('refuses parameters that do not fit: %s with %o', async (sql, parameters) => {
    await using catalog = await emptyCatalog()
    await expect(catalog.query(sql, parameters)).rejects.toMatchObject({ code: 'BAD_QUERY' })
  })

  test('is in UTC whatever the machine is', async () => {
    await using catalog = await emptyCatalog()
    const [row] = (
      await catalog.query("select timestamptz '2024-01-01 12:00:00' as at, current_setting('TimeZone') as zone")
    ).objects()
    expect(row).toEqual({ at: '2024-01-01T12:00:00Z', zone: 'UTC' })
  })

  test('aggregates five million rows', async () => {
    await using catalog = await emptyCatalog()
    const result = await catalog.query(
      'select i % 3 as k, count(*) as n, sum(i) as s from range(5000000) t(i) group by k order by k',
    )
    expect(result.objects()).toEqual(
      [1_666_667, 1_666_667, 1_666_666].map((n, k) => ({ k, n, s: k * n + (3 * n * (n - 1)) / 2 })),
    )
  })

  test.each([
    'select 1',
    'with a as (select 1) from a',
    'from klines',
    'values (1)',
    'describe klines',
    'show tables',
    'summarize klines',
    'explain select 1',
    'explain analyze select count(*) from klines',
    'explain (format json) select 1',
    'explain (select 1)',
    'pragma database_list',
    "pragma table_info('klines')",
    '-- a comment\nselect 1;',
  ])('runs what reads: %s', async (sql) => {
    await using catalog = await emptyCatalog()
    await expect(catalog.query(sql)).resolves.toBeDefined()
  })

  test.each([
    'create table t (i int)',
    'create or replace view klines as select 1',
    'drop view klines',
    'insert into klines values (1)',
    'delete from klines',
    "copy (select 1) to 'LAKE/x.csv'",
    "explain analyze copy (select 1) to 'LAKE/x.csv'",
    "explain (analyze) copy (select 1) to 'LAKE/x.csv'",
    "/* x */ explain analyze copy (select 1) to 'LAKE/x.csv'",
    'explain analyze create table t (i int)',
    "attach ':memory:' as other",
    "export database 'LAKE/x'",
    "set TimeZone = 'Asia/Tokyo'",
    'pragma disable_optimizer',
    'call pragma_version()',
    'begin',
    'load httpfs',
    'install httpfs',
    'prepare p as select 1',
    "select * from read_text('/etc/hostname')",
    "select * from read_text('LAKE/../../../etc/hostname')",
    "select * from glob('/etc/*')",
    "select * from read_parquet('https://example.invalid/x.parquet')",
    'select 1; select 2',
    '',
    '-- nothing',
    'selec 1',
    'select x from klines',
    "select 'a'::int",
  ])('refuses what writes, leaves the lake, or is no query: %s', async (sql) => {
    const { store, folder } = await temporaryLake()
    await using catalog = await openCatalog({ store })
    await expect(catalog.query(sql.replace('LAKE', folder))).rejects.toMatchObject({ code: 'BAD_QUERY' })
    for await (const { key } of store.list()) expect.fail(`${key} was written`)
    expect(count(await catalog.query('select count(*) from klines'))).toBe(0)
  })

  test('says which tables there are when one is not', async () => {
    await using catalog = await emptyCatalog()
    const error = await catalog.query('select * from candles').catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'BAD_QUERY', details: { table: 'candles' } })
    expect(String(error)).toMatch(/no table 'candles'\. Tables: klines .* bars funding\./)
  })

  test("gives DuckDB's reason in one line, without the excerpt", async () => {
    await using catalog = await emptyCatalog()
    const error = await catalog.query('select clse\nfrom klines').catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      code: 'BAD_QUERY',
      message: expectation(/^Referenced column "clse" not found in FROM clause! Candidate bindings: "close"[^\n]*$/),
    })
  })

  test('tells columns of the same name apart', async () => {
    await using catalog = await emptyCatalog()
    const result = await catalog.query('select 1 as a, 2 as a')
    expect(result.objects()).toEqual([Object.fromEntries(result.columns.map(({ name }, index) => [name, index + 1]))])
    expect(new Set(result.columns.map(({ name }) => name)).size).toBe(2)
  })
})

describe('damaged files', () => {
  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['empty', () => Buffer.alloc(0)],
    ['cut', (bytes) => bytes.subarray(0, bytes.length / 2)],
    ['garbage', (bytes) => Buffer.alloc(bytes.length, 7)],
    ['overwritten in its footer', (bytes) => Buffer.from(bytes).fill(255, bytes.length - 600, bytes.length - 100)],
  ])('a file that is %s is named, and other tables go on', async (_, damage) => {
    const { store, folder } = await temporaryLake()
    await putPartition(store, klines, '2024-01', sampleTable('klines', JANUARY, 10))
    const bad = await putPartition(store, klines, '2024-02', sampleTable('klines', FEBRUARY, 10))
    await using catalog = await openCatalog({ store })
    await writeFile(join(folder, bad), damage(await readFile(join(folder, bad))))
    await expect(catalog.query('select sum(close) from klines')).rejects.toMatchObject({
      code: 'CORRUPT_LAKE',
      details: { file: bad },
    })
    await expect(collect(catalog.stream('select * from klines'))).rejects.toMatchObject({
      code: 'CORRUPT_LAKE',
      details: { file: bad },
    })
    expect(count(await catalog.query('select count(*) from bars'))).toBe(0)
    expect(count(await catalog.query("select count(*) from klines where month = '2024-01'"))).toBe(10)
  })

  test('a table whose first file is damaged fails alone, and heals with the file', async () => {
    const { store, folder } = await temporaryLake()
    const bad = await putPartition(store, klines, '2024-01', sampleTable('klines', JANUARY, 10))
    await writeFile(join(folder, bad), 'damaged')
    await using catalog = await openCatalog({ store })
    await expect(catalog.query('select * from klines')).rejects.toMatchObject({
      code: 'CORRUPT_LAKE',
      details: { file: bad },
    })
    expect(count(await catalog.query('select count(*) from bars'))).toBe(0)
    await putPartition(store, klines, '2024-01', sampleTable('klines', JANUARY, 10))
    expect(count(await catalog.query('select count(*) from klines'))).toBe(10)
  })

  test('a file with damaged pages is told by its table', async () => {
    const { store, folder } = await temporaryLake()
    const bad = await putPartition(store, klines, '2024-01', sampleTable('klines', JANUARY, 10))
    const bytes = await readFile(join(folder, bad))
    await using catalog = await openCatalog({ store })
    await writeFile(join(folder, bad), bytes.fill(255, 4, 600))
    await expect(catalog.query('select * from klines')).rejects.toMatchObject({
      code: 'CORRUPT_LAKE',
      details: { tables: ['klines'] },
    })
  })
})

describe('stream', () => {
  test('gives all rows in order, in parts', async () => {
    await using catalog = await emptyCatalog()
    const parts = await collect(catalog.stream('select i from range($rows) t(i)', { rows: 100_000 }))
    expect(parts.map(({ rows }) => rows)).toEqual([32_768, 32_768, 32_768, 1696])
    expect(parts.flatMap((part) => part.objects().map(({ i }) => i))).toEqual(
      Array.from({ length: 100_000 }, (_, i) => i),
    )
  })

  test('gives one part without rows, so that the columns are known', async () => {
    await using catalog = await emptyCatalog()
    const [part, ...others] = await collect(catalog.stream('select close from klines'))
    expect(others).toHaveLength(0)
    expect(part).toMatchObject({ rows: 0, columns: [{ name: 'close', type: 'DOUBLE' }] })
  })

  test('fails when the query fails late: rows are never cut short in silence', async () => {
    await using catalog = await emptyCatalog()
    const sql = "select case when i > 3000000 then error('late') else i end as i from range(4000000) t(i)"
    await expect(collect(catalog.stream(sql))).rejects.toMatchObject({ code: 'BAD_QUERY', message: 'late' })
  })

  test('stops when its reader stops, or its signal aborts', async () => {
    await using catalog = await emptyCatalog()
    for await (const { rows } of catalog.stream('from range(100000)')) {
      expect(rows).toBe(32_768)
      break
    }
    const controller = new AbortController()
    const stream = catalog.stream('from range(100000)', [], { signal: controller.signal })
    await stream.next()
    controller.abort(new Error('enough'))
    await expect(stream.next()).rejects.toThrow('enough')
  })
})

describe('stopping', () => {
  const endless = 'select count(*) from range(100000000000) a(x) where sin(x) > 2'

  test('an abort interrupts the query that runs, and only that one', async () => {
    await using catalog = await emptyCatalog()
    const controller = new AbortController()
    const reason = new Error('enough')
    const stopped = catalog.query(endless, [], { signal: controller.signal })
    const other = catalog.query('select sum(x) as s from range(3000000) a(x)')
    setTimeout(() => {
      controller.abort(reason)
    }, 50)
    await expect(stopped).rejects.toBe(reason)
    expect((await other).objects()).toEqual([{ s: 4499998500000 }])
  })

  test('an abort before the start starts nothing', async () => {
    const { store } = await temporaryLake()
    await expect(openCatalog({ store, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
    await using catalog = await openCatalog({ store })
    await expect(catalog.query(endless, [], { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    )
  })

  test('closing ends what runs; a closed catalog says so, and can be closed again', async () => {
    const { store } = await temporaryLake()
    const catalog = await openCatalog({ store })
    const stream = catalog.stream('from range(100000)')
    await stream.next()
    const running = catalog.query(endless)
    const ended = expect(running).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    await catalog.close()
    await ended
    await expect(stream.next()).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    await expect(catalog.query('select 1')).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    await catalog.close()
  })
})

describe('several catalogs', () => {
  test('are open at once without seeing each other', async () => {
    const lakes = await Promise.all(
      [1, 2, 3].map(async (rows) => {
        const { store } = await temporaryLake()
        await putPartition(store, klines, '2024-01', sampleTable('klines', JANUARY, rows))
        return store
      }),
    )
    const catalogs = await Promise.all(lakes.map((store) => openCatalog({ store, engine: 'native' })))
    const counts = await Promise.all(
      catalogs.map(async (catalog) => count(await catalog.query('select count(*) from klines'))),
    )
    expect(counts).toEqual([1, 2, 3])
    await catalogs[0]?.close()
    expect(count(await (catalogs[1] ?? expect.fail()).query('select count(*) from klines'))).toBe(2)
    await Promise.all(catalogs.map((catalog) => catalog.close()))
  })

  test('answer many queries at the same time while tables come up', async () => {
    const { store } = await temporaryLake()
    await using catalog = await openCatalog({ store })
    await putPartition(store, klines, '2024-01', sampleTable('klines', JANUARY, 10))
    const counts = await Promise.all(
      Array.from({ length: 20 }, async () => count(await catalog.query('select count(*) from klines'))),
    )
    expect(counts).toEqual(new Array(20).fill(10))
  })
})

test('a folder that cannot be listed is named', async () => {
  const { store, folder } = await temporaryLake()
  await mkdir(join(folder, 'silver'), { recursive: true })
  await symlink('klines', join(folder, 'silver', 'klines'))
  await using catalog = await openCatalog({ store })
  await expect(catalog.query('select 1')).rejects.toMatchObject({
    code: 'STORE_FAILED',
    details: { folder: join(folder, 'silver', 'klines') },
  })
})

test('a store that is no folder is refused', async () => {
  await expect(openCatalog({ store: openStore('memory:') })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
})

test('tables() counts files and bytes', async () => {
  const { store, folder } = await temporaryLake()
  const key = await putPartition(store, klines, '2024-01', sampleTable('klines', JANUARY, 10))
  await using catalog = await openCatalog({ store })
  const tables = await catalog.tables()
  expect(tables).toHaveLength(DATA_TYPES.length + 2)
  expect(tables[0]).toMatchObject({
    name: 'klines',
    layer: 'silver',
    files: 1,
    bytes: (await readFile(join(folder, key))).length,
  })
  expect(tables.at(-1)).toMatchObject({ name: 'funding', layer: 'gold', files: 0, bytes: 0 })
  await rm(folder, { recursive: true })
  expect((await catalog.tables())[0]).toMatchObject({ files: 0 })
})

async function emptyCatalog(): Promise<Catalog> {
  const { store } = await temporaryLake()
  const catalog = await openCatalog({ store })
  onTestFinished(() => catalog.close())
  return catalog
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

function count(result: QueryResult): JsonValue {
  return Object.values(result.objects()[0] ?? {})[0] ?? null
}

function pick(row: Readonly<Record<string, unknown>>, names: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [String(name), row[String(name)]]))
}

/** Slow and obvious: a table's rows by the rules of jsonValue. */
function jsonRows(table: Table): Record<string, unknown>[] {
  return Array.from({ length: table.numRows }, (_, row) =>
    Object.fromEntries(table.schema.fields.map((field) => [field.name, jsonCell(table, field, row)])),
  )
}

function jsonCell(table: Table, { name, type }: Field, row: number): unknown {
  const id: unknown = type
  if (nullFlags(table, name)?.[row] === 1) return null
  if (DataType.isFloat(id)) return floatValues(table, name)[row]
  if (DataType.isBool(id)) return table.getChild(name)?.get(row)
  if (DataType.isDictionary(id)) {
    const { codes, words } = wordValues(table, name)
    return words[codes[row] ?? -1]
  }
  const integer = integerValues(table, name)[row] ?? 0n
  if (DataType.isTimestamp(id)) return formatInstant(Number(integer))
  return Number.isSafeInteger(Number(integer)) ? Number(integer) : String(integer)
}

function expectation(pattern: RegExp): unknown {
  return expect.stringMatching(pattern)
}
