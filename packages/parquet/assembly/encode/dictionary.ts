// Codes for the distinct numbers of a column, by order of appearance. Numbers are told apart by their bits, so that -0
// stays -0. The table is open: it holds codes, has 2^bits slots of four bytes, and -1 where there is none.

/**
 * Gives numbers their codes and returns how many distinct ones there are now.
 *
 * @param numbers the `known` distinct ones before; has room for `count` more
 */
export function codeNumbers(
  values: usize,
  count: u32,
  codes: usize,
  numbers: usize,
  known: u32,
  table: usize,
  bits: u32,
): u32 {
  let size = known
  let code: i32 = -1
  let last: u64 = 0
  const to = values + ((count as usize) << 3)
  for (let at = values, end = codes; at < to; at += 8, end += 4) {
    const number = load<u64>(at)
    // One price often holds for many trades.
    if (number != last || code < 0) {
      const slot = slotOf(number, numbers, table, bits)
      code = load<i32>(slot)
      if (code < 0) {
        code = size++
        store<i32>(slot, code)
        store<u64>(numbers + ((code as usize) << 3), number)
      }
      last = number
    }
    store<i32>(end, code)
  }
  return size
}

/** Fills a table with `size` distinct numbers. */
export function fillTable(numbers: usize, size: u32, table: usize, bits: u32): void {
  memory.fill(table, 0xff, 4 << bits)
  for (let code: u32 = 0; code < size; code++) {
    store<u32>(slotOf(load<u64>(numbers + ((code as usize) << 3)), numbers, table, bits), code)
  }
}

/** The slot that has the code of a number, or the one where it belongs. */
function slotOf(number: u64, numbers: usize, table: usize, bits: u32): usize {
  const mask: u32 = (1 << bits) - 1
  let place = u32(((number ^ (number >>> 32)) * 0x9e3779b97f4a7c15) >>> (64 - bits))
  let code = load<i32>(table + ((place as usize) << 2))
  while (code >= 0 && load<u64>(numbers + ((code as usize) << 3)) != number) {
    place = (place + 1) & mask
    code = load<i32>(table + ((place as usize) << 2))
  }
  return table + ((place as usize) << 2)
}
