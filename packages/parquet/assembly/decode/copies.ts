// Copies of a few bytes, which is what compressed numbers are made of. Some bytes behind the target are written too, 32 at
// most: what is too much is overwritten by what follows.

/** Between places that are sixteen bytes apart at least. */
export function copyFar(target: usize, source: usize, size: u32): void {
  // What repeats at a shorter distance than its length has to come in order.
  if (size > 256 && target - source >= (size as usize)) {
    memory.copy(target, source, size)
    return
  }
  const stop = target + size
  do {
    v128.store(target, v128.load(source))
    target += 16
    source += 16
  } while (target < stop)
}

/** What repeats at a distance of eight bytes or more. */
export function copyWords(target: usize, distance: u32, size: u32): void {
  if (distance >= 16) {
    copyFar(target, target - distance, size)
    return
  }
  const stop = target + size
  for (; target < stop; target += 8) store<u64>(target, load<u64>(target - distance))
}

/** What repeats within eight bytes. */
export function copyNear(target: usize, distance: u32, size: u32): void {
  const stop = target + size
  const first = min<usize>(stop, target + 8)
  for (; target < first; target++) store<u8>(target, load<u8>(target - distance))
  // It repeats at every multiple of the distance too; the least that is wide enough looks back no further than it may.
  const step = distance
  while (distance < 8) distance += step
  for (; target < stop; target += 8) store<u64>(target, load<u64>(target - distance))
}
