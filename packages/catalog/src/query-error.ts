import { LakeError, type ObjectStore } from '@lake/core'
import { readParquetMetadata } from '@lake/parquet'
import { LAKE_TABLES } from './lake-tables.ts'
import { storeFile } from './store-file.ts'

/** Where a failed query ran. */
export interface QueryContext {
  readonly sql: string
  readonly store: ObjectStore
  /** The folder of the lake, without a slash at its end. */
  readonly root: string
  /** Why a table has no view. */
  readonly failureOf: (table: string) => Error | undefined
  /** The tables that are computed. */
  readonly computed?: readonly string[] | undefined
}

/**
 * What DuckDB threw as a LakeError: `CORRUPT_LAKE` for a file of the lake that it cannot read, `UNSUPPORTED` when
 * memory runs out, `BAD_QUERY` for the rest. A LakeError stays what it is.
 */
export async function queryError(error: unknown, context: QueryContext): Promise<LakeError> {
  if (LakeError.is(error)) return error
  const { kind, text } = parseMessage(error)
  const table = /Table with name "?([^"\s]+)"? does not exist/.exec(text)?.[1]
  if (table !== undefined) {
    const failure = context.failureOf(table)
    return failure === undefined ? unknownTable(table, context, error) : queryError(failure, context)
  }
  const file = fileIn(text, context.root)
  if (FILE_ERRORS.has(kind) && file !== undefined) return damaged(`${file} cannot be read: ${text}`, { file }, error)
  // What its decoder of footers and page headers throws does not name the file.
  if (kind === 'Invalid') return findDamaged(text, error, context)
  if (kind === 'Out of Memory') {
    const message = `The query needs more memory than this machine gives: ${text} Narrow it by month, symbol or columns.`
    return new LakeError('UNSUPPORTED', message, { cause: error })
  }
  const hint = kind === 'Permission' ? " SQL sees the lake's own folder and nothing else." : ''
  return new LakeError('BAD_QUERY', `${text}${hint}`, { cause: error, details: { kind } })
}

const FILE_ERRORS: ReadonlySet<string> = new Set(['IO', 'Invalid Input', 'Invalid'])

/** `Binder Error: Referenced column "x" not found` and so on: the kind, and one line of text without the excerpt. */
function parseMessage(error: unknown): { kind: string; text: string } {
  const message = error instanceof Error ? error.message : String(error)
  const match = /(?:^|: )([A-Z][A-Za-z ]*) Error: ([\s\S]*)$/.exec(message)
  const [excerptless = ''] = (match?.[2] ?? message).split(/\n+LINE \d+:/)
  return { kind: match?.[1] ?? '', text: excerptless.trim().replaceAll(/\s*\n\s*/g, ' ') }
}

function unknownTable(table: string, { computed = [] }: QueryContext, cause: unknown): LakeError {
  const tables = [...LAKE_TABLES.map(({ name }) => name), ...computed]
  return new LakeError('BAD_QUERY', `There is no table '${table}'. Tables: ${tables.join(' ')}.`, {
    cause,
    details: { table, tables },
  })
}

/** The key of the Parquet file that a text names, if it lies in the lake. */
function fileIn(text: string, root: string): string | undefined {
  const start = text.indexOf(`${root}/`)
  if (start < 0 || text.includes('No files found')) return undefined
  const [key] = /^.*?\.parquet(?=["'])/.exec(text.slice(start + root.length + 1)) ?? []
  return key
}

async function findDamaged(text: string, cause: unknown, context: QueryContext): Promise<LakeError> {
  const { sql, store } = context
  const tables = LAKE_TABLES.filter(({ name }) => sql.includes(name))
  for (const { layer, name } of tables) {
    for await (const info of store.list({ prefix: `${layer}/${name}/` })) {
      if (!info.key.endsWith('.parquet')) continue
      try {
        await readParquetMetadata(storeFile(store, info), { name: info.key })
      } catch (error) {
        if (LakeError.is(error) && error.code === 'CORRUPT_LAKE')
          return damaged(error.message, { file: info.key }, cause)
      }
    }
  }
  const names = tables.map(({ name }) => name)
  return damaged(
    `A file of ${names.join(' or ')} cannot be read: ${text}. Its footer is intact`,
    { tables: names },
    cause,
  )
}

function damaged(message: string, details: Readonly<Record<string, unknown>>, cause: unknown): LakeError {
  return new LakeError('CORRUPT_LAKE', `${message}. Other tables and months can still be queried; rebuild the file.`, {
    cause,
    details,
  })
}
