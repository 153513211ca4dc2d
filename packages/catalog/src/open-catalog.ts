import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type DuckDBConnection, DuckDBInstance, type DuckDBResult } from '@duckdb/node-api'
import { LakeError, type ObjectStore, type Series } from '@lake/core'
import type { ComputedTable } from './computed-table.ts'
import { createComputedViews } from './computed-views.ts'
import { interruptible } from './interruptible.ts'
import { escapeGlob, LAKE_TABLES, quotedText } from './lake-tables.ts'
import { createLakeViews } from './lake-views.ts'
import { prepareQuery } from './prepare-query.ts'
import { queryError } from './query-error.ts'
import { type QueryColumn, type QueryResult, queryResult } from './query-result.ts'
import type { ReadPoint } from './read-point.ts'
import { bindParameters, type SqlParameters } from './sql-parameters.ts'

export interface OpenCatalogOptions extends ReadPoint {
  /** A lake in a folder: its `url` starts with `file:`. */
  readonly store: ObjectStore
  /** `native` is DuckDB as a library, the only engine yet; `auto` takes the best there is. */
  readonly engine?: 'auto' | 'native' | undefined
  /** Tables besides those of the lake's files, computed when a query names them. */
  readonly tables?: readonly ComputedTable[] | undefined
  readonly signal?: AbortSignal | undefined
}

export interface QueryOptions {
  readonly signal?: AbortSignal | undefined
}

/** A table of the lake, with or without files. */
export interface CatalogTable {
  readonly name: Series['table']
  readonly layer: Series['layer']
  /** Names and DuckDB types, in the order of `select *`. */
  readonly columns: readonly QueryColumn[]
  /** How many Parquet files it has, or had at the moment that is read, and their bytes. */
  readonly files: number
  readonly bytes: number
}

/** SQL over a lake. Queries may run at the same time. */
export interface Catalog extends AsyncDisposable {
  tables(options?: QueryOptions): Promise<CatalogTable[]>
  /**
   * Runs one query that reads, and gives all of its rows.
   *
   * @throws {@link LakeError} `BAD_QUERY` with DuckDB's reason, also for statements that would change something;
   * `CORRUPT_LAKE` naming the file that cannot be read; `NOT_FOUND` when a version of the moment that is read was
   * pruned; `UNSUPPORTED` when memory runs out, or a computed table is asked for another moment than now. An abort
   * interrupts DuckDB and throws the reason of the signal.
   */
  query(sql: string, parameters?: SqlParameters, options?: QueryOptions): Promise<QueryResult>
  /**
   * The same in parts of up to 32,768 rows, at least one part; throws what {@link Catalog.query} throws.
   *
   * DuckDB finishes the query first and keeps its rows, on disk if need be, so a query that fails gives no rows at all.
   * Only JavaScript's memory is bounded by the part.
   */
  stream(sql: string, parameters?: SqlParameters, options?: QueryOptions): AsyncGenerator<QueryResult, void, undefined>
  /** Stops what is running and lets go of everything. */
  close(): Promise<void>
}

/**
 * Opens a lake for SQL: one view for each table of silver and gold.
 *
 * `klines`, `trades`, `funding_rates`, …, `bars` and `funding` have the columns of their data type, then `exchange`,
 * `market`, `symbol`, `interval` (of bars) and `month` (text, `2024-01`), which come from the folders: a filter on them
 * opens only the files that match. A table without files has no rows. New and replaced files are seen by the next
 * query. Times are UTC. With `asOf` the views have what the lake held at that time, with `knownAt` the rows that could
 * be known then (see {@link ReadPoint}); computed tables are of now, and such queries refuse them. Queries cannot write, load extensions, or see files outside the lake's folder.
 *
 * @throws {@link LakeError} `UNSUPPORTED` for a store that is no folder, `BAD_REQUEST` for a computed table with the
 * name of another.
 *
 * @example
 * await using catalog = await openCatalog({ store: openStore('file:./lake-data') })
 * const result = await catalog.query('select symbol, max(high) as high from klines group by all')
 * console.table(result.objects())
 */
export async function openCatalog(options: OpenCatalogOptions): Promise<Catalog> {
  const { store, tables = [], asOf, knownAt, signal } = options
  signal?.throwIfAborted()
  const root = folderOf(store)
  const spillFolder = join(tmpdir(), `lake-sql-${randomUUID()}`)
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    // It would go on reading the old bytes of a file that is replaced within the same second.
    enable_external_file_cache: 'false',
    temp_directory: spillFolder,
  })
  const setup = await instance.connect()
  await lockDown(setup, tables.length === 0 ? [root] : [root, spillFolder])
  const views = createLakeViews({ connection: setup, store, root, asOf, knownAt })
  const computed = createComputedViews(setup, spillFolder, tables, { asOf, knownAt })
  const closing = new AbortController()
  const running = new Set<Promise<unknown>>()

  async function run<T>(
    sql: string,
    parameters: SqlParameters,
    { signal }: QueryOptions,
    use: (result: DuckDBResult) => Promise<T>,
  ): Promise<T> {
    const stop = AbortSignal.any(signal === undefined ? [closing.signal] : [closing.signal, signal])
    stop.throwIfAborted()
    await views.refresh()
    await computed.refresh(sql, stop)
    const connection = await instance.connect()
    try {
      return await interruptible(connection, stop, async () => {
        const statement = await prepareQuery(connection, sql)
        bindParameters(statement, parameters)
        return use(await statement.run())
      })
    } catch (error) {
      stop.throwIfAborted()
      throw await queryError(error, {
        sql,
        store,
        root,
        failureOf: (table) => views.failureOf(table) ?? computed.failureOf(table),
        computed: computed.names,
      })
    } finally {
      connection.closeSync()
    }
  }

  async function track<T>(work: Promise<T>): Promise<T> {
    running.add(work)
    try {
      return await work
    } finally {
      running.delete(work)
    }
  }

  async function close(): Promise<void> {
    if (closing.signal.aborted) return
    closing.abort(new LakeError('BAD_REQUEST', 'The catalog is closed. Open it again.'))
    await Promise.allSettled(running)
    setup.closeSync()
    instance.closeSync()
    await rm(spillFolder, { recursive: true, force: true })
  }

  return {
    async tables({ signal } = {}) {
      if (asOf === undefined)
        return Promise.all(LAKE_TABLES.map(async (table) => ({ ...table, ...(await sizeOf(store, table, signal)) })))
      await views.refresh()
      return LAKE_TABLES.map((table) => {
        const { files = 0, bytes = 0 } = views.past(table.name) ?? {}
        return { ...table, files, bytes }
      })
    },
    query(sql, parameters = [], options = {}) {
      return track(run(sql, parameters, options, async (result) => queryResult(result, await result.fetchAllChunks())))
    },
    async *stream(sql, parameters = [], options = {}) {
      const result = await track(run(sql, parameters, options, (rows) => Promise.resolve(rows)))
      yield* parts(result, closing.signal, options.signal)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

const PART_CHUNKS = 16

async function* parts(
  result: DuckDBResult,
  closing: AbortSignal,
  signal: AbortSignal | undefined,
): AsyncGenerator<QueryResult, void, undefined> {
  for (let isFirst = true; ; isFirst = false) {
    closing.throwIfAborted()
    signal?.throwIfAborted()
    const chunks = []
    while (chunks.length < PART_CHUNKS) {
      const chunk = await result.fetchChunk()
      if (chunk === null || chunk.rowCount === 0) break
      chunks.push(chunk)
    }
    if (chunks.length > 0 || isFirst) yield queryResult(result, chunks)
    if (chunks.length < PART_CHUNKS) return
  }
}

async function lockDown(connection: DuckDBConnection, folders: readonly string[]): Promise<void> {
  await connection.run("set global TimeZone = 'UTC'")
  // Each folder, and the pattern that stands for it: DuckDB compares the text of either.
  const allowed = folders.flatMap((folder) => [folder, escapeGlob(folder)]).map((path) => quotedText(`${path}/`))
  await connection.run(`set global allowed_directories = [${allowed.join(', ')}]`)
  await connection.run('set global enable_external_access = false')
  await connection.run('set global lock_configuration = true')
}

function folderOf({ url }: ObjectStore): string {
  if (url.startsWith('file:')) return fileURLToPath(url).replaceAll(sep, '/').replace(/\/+$/, '')
  throw new LakeError(
    'UNSUPPORTED',
    `SQL needs a lake in a folder (file:…), ${url} is none. Copy the lake to a disk first.`,
    {
      details: { url },
    },
  )
}

async function sizeOf(
  store: ObjectStore,
  { layer, name }: Pick<CatalogTable, 'layer' | 'name'>,
  signal: AbortSignal | undefined,
): Promise<{ files: number; bytes: number }> {
  let files = 0
  let bytes = 0
  for await (const { key, size } of store.list({ prefix: `${layer}/${name}/`, signal })) {
    if (!key.endsWith('.parquet')) continue
    files++
    bytes += size
  }
  return { files, bytes }
}
