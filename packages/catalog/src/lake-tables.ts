import { DATA_TYPES, type GoldTable, isBarType, type Series, silverTable, tableSchema } from '@lake/core'
import { DataType, type Field } from 'apache-arrow'

/** A table as SQL sees it. */
export interface LakeTableDefinition {
  readonly layer: Series['layer']
  readonly name: Series['table']
  readonly columns: readonly SqlColumn[]
}

interface SqlColumn {
  readonly name: string
  /** As DuckDB writes it, such as `TIMESTAMP WITH TIME ZONE`. */
  readonly type: string
}

const GOLD_TABLES: readonly GoldTable[] = ['bars', 'funding']

/** Every table of a lake. Its columns, time first, then what the folders say: exchange to month. */
export const LAKE_TABLES: readonly LakeTableDefinition[] = [
  ...DATA_TYPES.map((dataType) => ({
    layer: 'silver' as const,
    name: silverTable(dataType),
    columns: columnsOf(tableSchema(dataType).fields, isBarType(dataType)),
  })),
  ...GOLD_TABLES.map((name) => ({
    layer: 'gold' as const,
    name,
    columns: columnsOf(tableSchema(name).fields, true),
  })),
]

/** SQL of a view over the files of a table, whichever there are when a query runs; there must be one. */
export function filledView({ layer, name, columns }: LakeTableDefinition, root: string): string {
  // No cast and no expression: those would keep the filters of a query from skipping files and row groups.
  const names = columns.map((column) => quotedName(column.name)).join(', ')
  const glob = quotedText(`${escapeGlob(root)}/${layer}/${name}/**/*.parquet`)
  return (
    `create or replace view ${quotedName(name)} as select ${names} ` +
    `from read_parquet(${glob}, hive_partitioning = true, hive_types_autocast = false)`
  )
}

/** SQL of a view without rows, for a table that has no file. */
export function emptyView({ name, columns }: LakeTableDefinition): string {
  const nulls = columns.map((column) => `null::${column.type} as ${quotedName(column.name)}`).join(', ')
  return `create or replace view ${quotedName(name)} as select ${nulls} where false`
}

export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function quotedText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

function columnsOf(fields: readonly Field[], hasInterval: boolean): SqlColumn[] {
  const folders = ['exchange', 'market', 'symbol', ...(hasInterval ? ['interval'] : []), 'month']
  return [
    ...fields.map(({ name, type }) => ({ name, type: sqlType(type) })),
    ...folders.map((name) => ({ name, type: 'VARCHAR' })),
  ]
}

function sqlType(type: unknown): string {
  if (DataType.isTimestamp(type)) return 'TIMESTAMP WITH TIME ZONE'
  if (DataType.isInt(type)) return 'BIGINT'
  if (DataType.isFloat(type)) return 'DOUBLE'
  return DataType.isBool(type) ? 'BOOLEAN' : 'VARCHAR'
}

/** The pattern that matches a path only: a folder's name may hold what means something in a pattern. */
export function escapeGlob(path: string): string {
  return path.replaceAll(/[*?[\]]/g, '[$&]')
}
