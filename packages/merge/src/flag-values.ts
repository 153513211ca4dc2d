import { LakeError } from '@lake/core'
import { type Bool, type Data, DataType, type Table, type Vector } from 'apache-arrow'
import { flagAt } from './value-at.ts'

/**
 * The booleans of a column, one byte a row: 0 false, 1 true, 2 null.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the table has no such column of booleans.
 */
export function flagValues(table: Table, column: string): Uint8Array {
  const vector: Vector | null = table.getChild(column)
  if (vector === null || !isFlags(vector)) {
    const found = vector === null ? 'is absent' : `is ${String(vector.type)}`
    throw new LakeError('BAD_REQUEST', `Column '${column}' ${found}, not a column of booleans.`, {
      details: { column },
    })
  }
  const flags = new Uint8Array(vector.length)
  let row = 0
  for (const data of vector.data) {
    readFlags(data, flags.subarray(row, row + data.length))
    row += data.length
  }
  return flags
}

function readFlags(data: Data<Bool>, flags: Uint8Array): void {
  if (data.nullCount === data.length) {
    flags.fill(2)
    return
  }
  // A slice of a table keeps the bytes and moves the offset, in bits.
  const { offset, values } = data
  for (let row = 0; row < flags.length; row++) {
    const bit = offset + row
    flags[row] = data.getValid(row) ? (flagAt(values, bit >> 3) >> (bit & 7)) & 1 : 2
  }
}

// Told by ids, not by classes: a table that comes from another copy of Arrow is as good.
function isFlags(vector: Vector): vector is Vector<Bool> {
  const type: unknown = vector.type
  return DataType.isBool(type)
}
