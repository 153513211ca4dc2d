// xxHash with 64 bits and a seed of 0, whose lower half ends a frame of Zstandard.

const P1: u64 = 0x9e37_79b1_85eb_ca87
const P2: u64 = 0xc2b2_ae3d_27d4_eb4f
const P3: u64 = 0x1656_67b1_9e37_79f9
const P4: u64 = 0x85eb_ca77_c2b2_ae63
const P5: u64 = 0x27d4_eb2f_1656_67c5

export function hash64(at: usize, length: u32): u64 {
  const last = at + length
  let hash: u64 = P5
  if (length >= 32) {
    let a: u64 = P1 + P2
    let b: u64 = P2
    let c: u64 = 0
    let d: u64 = 0 - P1
    for (; at + 32 <= last; at += 32) {
      a = mix(a, load<u64>(at))
      b = mix(b, load<u64>(at + 8))
      c = mix(c, load<u64>(at + 16))
      d = mix(d, load<u64>(at + 24))
    }
    hash = rotl<u64>(a, 1) + rotl<u64>(b, 7) + rotl<u64>(c, 12) + rotl<u64>(d, 18)
    hash = merge(merge(merge(merge(hash, a), b), c), d)
  }
  hash += length as u64
  for (; at + 8 <= last; at += 8) hash = rotl<u64>(hash ^ mix(0, load<u64>(at)), 27) * P1 + P4
  if (at + 4 <= last) {
    hash = rotl<u64>(hash ^ ((load<u32>(at) as u64) * P1), 23) * P2 + P3
    at += 4
  }
  for (; at < last; at++) hash = rotl<u64>(hash ^ ((load<u8>(at) as u64) * P5), 11) * P1
  hash = (hash ^ (hash >>> 33)) * P2
  hash = (hash ^ (hash >>> 29)) * P3
  return hash ^ (hash >>> 32)
}

function mix(sum: u64, word: u64): u64 {
  return rotl<u64>(sum + word * P2, 31) * P1
}

function merge(hash: u64, sum: u64): u64 {
  return (hash ^ mix(0, sum)) * P1 + P4
}
