// How this is fast: a row in its plain form is read from its first byte to its last in one loop. The end of a cell is
// found by comparing sixteen bytes at once, and its digits are converted as a vector (see digits.ts), so that a cell
// costs the same few instructions whatever its length. What the columns are is looked up in a table, in the same order
// in every row, so that the processor foresees every turn. Whatever is not plain ends the loop in front of its row:
// the readers of the columns then say what it is.
import { numberBefore, othersIn } from './digits'

// Kinds of columns.
const DECIMAL: u32 = 0
const INTEGER: u32 = 1
const FLAG_BYTE: u32 = 2
const FLAG_WORD: u32 = 3

/** What a column is, as the caller fills it in. */
@unmanaged
class Column {
  /** `DECIMAL`, `INTEGER`, `FLAG_BYTE`, `FLAG_WORD`; any other is text that is skipped. */
  kind: u32
  /** 1 where a minus sign may stand. */
  signed: u32
  /** The most places that decimals may have. */
  places: u32
  /** Where the value of the first row goes. */
  values: usize
  /** Integers are from `least` to below `limit`, and kept `factor` times as large. */
  least: f64
  limit: f64
  factor: f64
}

/** What was read; `long` is where numbers are noted that do not fit, and the rest is filled in. */
@unmanaged
class Outcome {
  /** The first cell noted, and after the call the place behind the last. */
  long: usize
  /** Where the last row begins, and the place behind it. */
  last: usize
  position: usize
  /** How many have the bytes of the row before; the first is not compared. */
  repeated: u32
}

/** A number whose digits are more than a double keeps for certain: what it is, the caller says. */
@unmanaged
class LongCell {
  row: u32
  column: u32
  start: usize
  end: usize
}

const COLUMN_SIZE = offsetof<Column>()
const LONG_SIZE = offsetof<LongCell>()
const LONGEST_LINE: usize = 65_536

/** Up to here all decimals with the same number of places are different doubles; see EXACT_MANTISSA. */
const MOST_EXACT: u64 = 4_503_599_627_370_496
const MOST_INTEGER: u64 = 9_007_199_254_740_991

const POWERS: usize = memory.data<f64>([
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
])

let longEnd: usize = 0

/**
 * Reads rows up to the first that is not plain in every column, and returns how many there are.
 *
 * Thirty-two bytes in front of the rows may be read, and as many behind them, which must be zeros.
 *
 * @param rows the most rows
 * @param start where whole lines begin, and `end` where they end
 * @param firstInteger the column by which most rows differ from the row before
 */
export function readPlainRows(
  start: usize,
  end: usize,
  rows: u32,
  columns: usize,
  columnCount: usize,
  firstInteger: usize,
  delimiter: u32,
  result: usize,
): u32 {
  const outcome = changetype<Outcome>(result)
  const columnsEnd = columns + columnCount * COLUMN_SIZE
  const identities = changetype<Column>(columns + firstInteger * COLUMN_SIZE).values
  longEnd = outcome.long
  let longKept = longEnd
  let rowStart = start
  let lastStart = start
  let lastSize: usize = 0
  let repeated: u32 = 0
  let row: u32 = 0
  while (row < rows && rowStart < end) {
    let at = rowStart
    let column = columns
    while (true) {
      at = readCell(at, column, u32((column - columns) / COLUMN_SIZE), row, delimiter)
      if (at == 0) break
      column += COLUMN_SIZE
      if (column == columnsEnd) break
      if (load<u8>(at++) != delimiter) {
        at = 0
        break
      }
    }
    if (at == 0) break
    if (load<u8>(at) == 13 /* carriage return */) at++
    if (load<u8>(at++) != 10 /* line feed */) break
    const size = at - rowStart
    if (size > LONGEST_LINE) break
    const identity = identities + ((row as usize) << 3)
    if (size == lastSize && load<u64>(identity) == load<u64>(identity - 8) && isSame(lastStart, rowStart, size)) {
      repeated++
    }
    longKept = longEnd
    lastStart = rowStart
    lastSize = size
    rowStart = at
    row++
  }
  outcome.long = longKept
  outcome.last = lastStart
  outcome.position = rowStart
  outcome.repeated = repeated
  return row
}

/** Reads the cell at an address; returns the place behind it, or 0 when it is not plain. */
function readCell(at: usize, address: usize, index: u32, row: u32, delimiter: u32): usize {
  const column = changetype<Column>(address)
  const kind = column.kind
  if (kind == DECIMAL) return readDecimal(at, column, index, row)
  if (kind == INTEGER) return readInteger(at, column, row)
  if (kind <= FLAG_WORD) return readFlag(at, column, row)
  // Any text; quotes and control characters are refused, since they could hide a delimiter.
  let byte: u32 = load<u8>(at)
  while (byte >= 32 && byte != 34 && byte != delimiter) byte = load<u8>(++at)
  return at
}

function readDecimal(cell: usize, column: Column, index: u32, row: u32): usize {
  const isNegative = load<u8>(cell) == 45 /* minus */
  if (isNegative && column.signed == 0) return 0
  const start = cell + usize(isNegative)
  let others = othersIn(start)
  if ((others & (others - 1)) == 0) others |= othersIn(start + 16) << 16
  const whole = ctz(others)
  if (whole == 0 || others == 0) return 0
  let end = start + whole
  let count = whole
  let places: u32 = 0
  let fraction: u32 = 16
  if (load<u8>(end) == 46 /* point */) {
    others &= others - 1
    if (others == 0) return 0
    places = ctz(others) - whole - 1
    if (places == 0 || places > column.places) return 0
    end += places + 1
    count += places
    fraction = places
  }
  if (count <= 16) {
    let mantissa = numberBefore(end, count, fraction)
    while (mantissa > MOST_EXACT && places > 0 && mantissa % 10 == 0) {
      mantissa /= 10
      places--
    }
    if (mantissa <= MOST_EXACT) {
      // One correctly rounded division of two exact doubles. Subtraction from 0 makes no negative zero.
      const value = f64(mantissa as i64) / load<f64>(POWERS + (places << 3))
      store<f64>(column.values + ((row as usize) << 3), isNegative ? 0 - value : value)
      return end
    }
  }
  noteLong(row, index, cell, end)
  return end
}

function noteLong(row: u32, column: u32, start: usize, end: usize): void {
  const long = changetype<LongCell>(longEnd)
  long.row = row
  long.column = column
  long.start = start
  long.end = end
  longEnd += LONG_SIZE
}

function readInteger(start: usize, column: Column, row: u32): usize {
  let others = othersIn(start)
  if (others == 0) others = othersIn(start + 16) << 16
  const count = ctz(others)
  if (count == 0 || count > 16) return 0
  const value = numberBefore(start + count, count, 16)
  if (value > MOST_INTEGER) return 0
  const number = f64(value as i64)
  if (number < column.least || number >= column.limit) return 0
  store<i64>(column.values + ((row as usize) << 3), i64(number * column.factor))
  return start + count
}

function readFlag(at: usize, column: Column, row: u32): usize {
  // Only the first letter may be a capital: 32 is what tells the cases apart.
  const letters = load<u32>(at) | 32
  let flag: u32 = 0
  let length: usize = 5
  if (letters == 0x65757274 /* true */) {
    flag = 1
    length = 4
  } else if (letters != 0x736c6166 /* fals */ || load<u8>(at + 4) != 101 /* e */) {
    return 0
  }
  if (column.kind == FLAG_BYTE) store<u8>(column.values + row, flag)
  else store<u32>(column.values + ((row as usize) << 2), flag)
  return at + length
}

function isSame(one: usize, other: usize, size: usize): boolean {
  for (let at: usize = 0; at < size; at++) if (load<u8>(one + at) != load<u8>(other + at)) return false
  return true
}
