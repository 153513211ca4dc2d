// What repeats within eight bytes, as runs do: the bytes are put into a word once, and that is stored over and over, each
// time further by as many whole repetitions as it holds. Nothing waits for what was stored just before.

/** Repeats what lies less than eight bytes back; seven bytes behind its end may be written. */
export function repeatNear(target: usize, distance: u32, size: u32): void {
  const stop = target + size
  const turn = (distance << 3) as u64
  let word = load<u64>(target - distance) & (((1 as u64) << turn) - 1)
  word |= word << turn
  if (distance < 4) word |= word << (turn << 1)
  if (distance == 1) word |= word << 32
  const step = (STEPS >>> (distance << 2)) & 15
  for (; target < stop; target += step) store<u64>(target, word)
}

/** The greatest multiple within eight, four bits for each distance. */
const STEPS: u32 = 0x7658_6880
