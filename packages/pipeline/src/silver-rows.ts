import type { Columns, DataType } from '@lake/core'
import type { Table, TypeMap } from 'apache-arrow'
import type { FileFindings } from './file-findings.ts'

/** The rows that one bronze file has for a partition. */
export interface SilverRows<T extends TypeMap = Columns[DataType]> {
  readonly table: Table<T>
  /** The file's key in bronze. */
  readonly name: string
  readonly source: 'archive' | 'rest' | 'ws'
  /** When the rows came, where that may decide between two versions of one. */
  readonly receivedAt?: number | undefined
  /** Values with more digits than float64 holds, rows that the file has twice: those with counts above 0. */
  readonly counts: Readonly<Record<string, number>>
  /** Of archive files. */
  readonly findings?: FileFindings | undefined
}
