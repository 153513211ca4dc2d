import {
  Bool,
  Decimal,
  Dictionary,
  Field,
  Float64,
  Int32,
  Int64,
  Schema,
  type Table,
  TimestampMicrosecond,
  type TypeMap,
  Utf8,
} from 'apache-arrow'
import { EXACT_SCALE } from './exact-scale.ts'
import { LakeError } from './lake-error.ts'
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

/** {@link Columns} with an exact decimal for each float64. */
export type ExactColumns = {
  [T in keyof Columns]: { [N in keyof Columns[T]]: Columns[T][N] extends Float64 ? Decimal : Columns[T][N] }
}

/** Prices, sizes and rates as DECIMAL(38, scale): every digit of the source, at twice the memory of float64. */
export interface ExactDecimals {
  readonly decimals: 'exact'
  /** Digits behind the point, 0 to 38: at least as many as the source ever has. {@link EXACT_SCALE} when absent. */
  readonly scale?: number | undefined
}

/**
 * An Arrow table with the columns of a data type or of a gold table. The wrong column does not compile.
 *
 * @example
 * const closes = (bars: LakeTable<'klines'>) => bars.getChild('close') // Vector<Float64>
 */
export type LakeTable<D extends DataType | GoldTable> = Table<Columns[D]>

/** A {@link LakeTable} with exact decimals. */
export type ExactTable<D extends DataType | GoldTable> = Table<ExactColumns[D]>

/**
 * The Arrow schema of a data type's silver table, or of a gold table (`bars`, `funding`).
 *
 * Times are microseconds UTC. A column that cannot hold null says so. Words are dictionaries of int32 codes. Prices,
 * sizes and rates are float64, or exact decimals when these are asked for.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when `scale` is no integer from 0 to 38.
 *
 * @example
 * tableSchema('klines').names // ['ts_event', 'ts_available', 'source', 'open', ...]
 */
export function tableSchema<D extends DataType | GoldTable>(name: D): Schema<Columns[D]>
export function tableSchema<D extends DataType | GoldTable>(name: D, exact: ExactDecimals): Schema<ExactColumns[D]>
export function tableSchema(name: DataType | GoldTable, exact?: ExactDecimals): Schema<TypeMap> {
  const number = exact === undefined ? new Float64() : decimalType(exact)
  const columns: ColumnKinds = { ...COMMON_COLUMNS, ...columnsOf(name) }
  return new Schema<TypeMap>(Object.entries(columns).map(([column, kind]) => fieldOf(column, kind, number)))
}

function decimalType({ scale = EXACT_SCALE }: ExactDecimals): Decimal {
  if (Number.isInteger(scale) && scale >= 0 && scale <= 38) return new Decimal(scale, 38, 128)
  throw new LakeError('BAD_REQUEST', `The scale of exact decimals is an integer from 0 to 38, ${scale} is not.`)
}

function columnsOf(name: DataType | GoldTable): ColumnKinds {
  return name === 'bars' || name === 'funding' ? GOLD_COLUMNS[name] : SILVER_COLUMNS[name]
}

function fieldOf(column: string, kind: ColumnKind, number: Float64 | Decimal): Field {
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
      return new Field(column, number, nullable)
  }
}
