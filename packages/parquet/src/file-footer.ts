import type { Part } from './random-access.ts'

/** What the footer of a Parquet file says, as far as a reader needs it. */
export interface FileFooter {
  readonly rows: number
  /** The tree of columns, each element before those that it holds; the first one holds them all. */
  readonly schema: readonly SchemaElement[]
  readonly rowGroups: readonly RowGroup[]
  /** Key-value metadata of the file. */
  readonly metadata: Readonly<Record<string, string>>
  readonly createdBy: string | undefined
}

export interface RowGroup {
  readonly rows: number
  /** By the names of their columns; nested ones are not there. */
  readonly chunks: ReadonlyMap<string, ColumnChunk>
}

/** A column's bytes in a row group. */
export interface ColumnChunk {
  /** As Parquet calls it, or its number where that is not known. */
  readonly codec: string
  /** All pages with their headers, the dictionary first. */
  readonly pages: Part
  readonly uncompressedBytes: number
  /** A structure of Thrift, which is read when somebody asks for it. */
  readonly statistics: Uint8Array | undefined
  /** Of no bytes where the file has none, as is the next one. */
  readonly offsetIndex: Part
  readonly columnIndex: Part
}

/** How Parquet stores values. */
export type PhysicalType =
  'BOOLEAN' | 'INT32' | 'INT64' | 'INT96' | 'FLOAT' | 'DOUBLE' | 'BYTE_ARRAY' | 'FIXED_LEN_BYTE_ARRAY'

/** A column, or a group of columns. */
export interface SchemaElement {
  readonly name: string
  /** How values are stored; absent for a group. */
  readonly type: PhysicalType | undefined
  /** Bytes of a value of fixed length, else 0. */
  readonly typeLength: number
  readonly repetition: 'REQUIRED' | 'OPTIONAL' | 'REPEATED' | undefined
  /** How many of the elements behind it are its own, as far as those are not others' own. */
  readonly children: number
  /** What values mean, as older writers say it. */
  readonly convertedType: string | undefined
  /** Of decimals, else 0. */
  readonly scale: number
  readonly precision: number
  /** What values mean, as newer writers say it. */
  readonly logicalType: LogicalType | undefined
}

export interface LogicalType {
  readonly type: string
  /** Of times. */
  readonly unit?: 'MILLIS' | 'MICROS' | 'NANOS' | undefined
  /** Of integers. */
  readonly isSigned?: boolean | undefined
}
