import {
  DATA_TYPES,
  formatInstant,
  type GoldTable,
  isBarType,
  type Series,
  silverTable,
  tableSchema,
  type TimeRange,
} from '@lake/core'
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

/** Files of a table, by what SQL is to make of them. */
export interface ViewFiles {
  /** A pattern, or files in their places, whose folders say what they are of. */
  readonly placed: string | readonly string[]
  /** Files in their places of which the same rows are to be left out. */
  readonly grown: readonly GrownFiles[]
  /** Files elsewhere, with what they are of. */
  readonly kept: readonly KeptFile[]
}

/** Partitions that have more rows today than they had. */
export interface GrownFiles {
  readonly paths: readonly string[]
  /** Closed-open stretches of their rows to leave out; epoch microseconds UTC. */
  readonly hidden: readonly TimeRange[]
}

/** A version of a partition that is not what is read today. */
export interface KeptFile {
  readonly path: string
  /** What the folders of the partition say. */
  readonly folders: Readonly<Record<string, string>>
  /** As of {@link GrownFiles}. */
  readonly hidden: readonly TimeRange[]
}

/** The pattern of all files of a table, whichever there are when a query runs. */
export function tableGlob({ layer, name }: LakeTableDefinition, root: string): string {
  return `${escapeGlob(root)}/${layer}/${name}/**/*.parquet`
}

/**
 * SQL of a view over files of a table; there must be one.
 *
 * @param knownAt leaves out rows whose `ts_available` is later; epoch microseconds UTC
 */
export function filledView(
  { name, columns }: LakeTableDefinition,
  { placed, grown, kept }: ViewFiles,
  knownAt?: number,
): string {
  // No cast and no expression: those would keep the filters of a query from skipping files and row groups.
  const names = columns.map((column) => quotedName(column.name)).join(', ')
  const inPlace = (files: string): string =>
    `select ${names} from read_parquet(${files}, hive_partitioning = true, hive_types_autocast = false)`
  const selects = [
    ...(placed.length === 0 ? [] : [inPlace(typeof placed === 'string' ? quotedText(placed) : quotedPaths(placed))]),
    ...grown.map(({ paths, hidden }) => `${inPlace(quotedPaths(paths))}${outside(hidden)}`),
    ...kept.map(({ path, folders, hidden }) => {
      const values = columns.map(({ name: column }) => {
        const value = folders[column]
        return value === undefined ? quotedName(column) : `${quotedText(value)} as ${quotedName(column)}`
      })
      return `select ${values.join(', ')} from read_parquet(${quotedPath(path)}, hive_partitioning = false)${outside(hidden)}`
    }),
  ]
  const all = selects.join(' union all ')
  const known = knownAt === undefined ? all : `select * from (${all}) where ts_available <= ${timestampText(knownAt)}`
  return `create or replace view ${quotedName(name)} as ${known}`
}

function outside(hidden: readonly TimeRange[]): string {
  if (hidden.length === 0) return ''
  const inside = hidden.map(({ from, to }) => `ts_event >= ${timestampText(from)} and ts_event < ${timestampText(to)}`)
  return ` where not (${inside.join(' or ')})`
}

function timestampText(micros: number): string {
  return `timestamptz ${quotedText(formatInstant(micros))}`
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

function quotedPaths(paths: readonly string[]): string {
  return `[${paths.map(quotedPath).join(', ')}]`
}

/** A file as DuckDB finds it and no other. */
function quotedPath(path: string): string {
  return quotedText(escapeGlob(path))
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
