import {
  Bool,
  Dictionary,
  Field,
  Float64,
  Int32,
  Int64,
  Schema,
  type Table,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow'
import { COMMON_COLUMNS, GOLD_COLUMNS, SILVER_COLUMNS } from './table-columns.ts'
import type { DataType } from './vocabulary.ts'

interface ArrowOf {
  time: TimestampMicrosecond
  id: Int64
  count: Int64
  price: Float64
  size: Float64
  rate: Float64
  text: Dictionary<Utf8, Int32>
  flag: Bool
}

type Kind = keyof ArrowOf
type ColumnKind = Kind | `${Kind}?`
type ColumnKinds = Readonly<Record<string, ColumnKind>>
type ArrowType<K> = K extends Kind ? ArrowOf[K] : K extends `${infer N extends Kind}?` ? ArrowOf[N] : never
type ArrowTypes<C> = { [N in keyof C]: ArrowType<C[N]> }

/** The gold tables. */
export type GoldTable = keyof typeof GOLD_COLUMNS

/** The Arrow types of the columns of a data type's silver table, or of a gold table. */
export type Columns = {
  [D in DataType]: ArrowTypes<typeof COMMON_COLUMNS & (typeof SILVER_COLUMNS)[D]>
} & { [G in GoldTable]: ArrowTypes<typeof COMMON_COLUMNS & (typeof GOLD_COLUMNS)[G]> }

/**
 * An Arrow table with the columns of a data type or of a gold table. The wrong column does not compile.
 *
 * @example
 * const closes = (bars: LakeTable<'klines'>) => bars.getChild('close') // Vector<Float64>
 */
export type LakeTable<D extends DataType | GoldTable> = Table<Columns[D]>

/**
 * The Arrow schema of a data type's silver table, or of a gold table (`bars`, `funding`).
 *
 * Times are microseconds UTC. A column that cannot hold null says so. Words are dictionaries of int32 codes.
 *
 * @example
 * tableSchema('klines').names // ['ts_event', 'ts_available', 'source', 'open', ...]
 */
export function tableSchema<D extends DataType | GoldTable>(name: D): Schema<Columns[D]> {
  const columns: ColumnKinds = { ...COMMON_COLUMNS, ...columnsOf(name) }
  return new Schema<Columns[D]>(Object.entries(columns).map(([column, kind]) => fieldOf(column, kind)))
}

function columnsOf(name: DataType | GoldTable): ColumnKinds {
  return name === 'bars' || name === 'funding' ? GOLD_COLUMNS[name] : SILVER_COLUMNS[name]
}

function fieldOf(column: string, kind: ColumnKind): Field {
  const nullable = kind.endsWith('?')
  switch (kind) {
    case 'time':
    case 'time?':
      return new Field(column, new TimestampMicrosecond('UTC'), nullable)
    case 'id':
    case 'id?':
    case 'count':
    case 'count?':
      return new Field(column, new Int64(), nullable)
    case 'text':
    case 'text?':
      return new Field(column, new Dictionary(new Utf8(), new Int32()), nullable)
    case 'flag':
    case 'flag?':
      return new Field(column, new Bool(), nullable)
    default:
      return new Field(column, new Float64(), nullable)
  }
}
