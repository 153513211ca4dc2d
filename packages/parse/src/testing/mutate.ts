/** Bytes that mean something in a container or in a CSV. */
const TELLING = Buffer.from('0123456789.,-+eE\n\r"PK\u0000\u0001\u0002\u0005\u0006ÿ:TZ tfrue')

/**
 * Some bytes with one to three changes: inserted, removed, repeated, replaced or cut off.
 *
 * @param telling bytes that mean something where they are put
 */
export function mutated(bytes: Buffer, random: (below: number) => number, telling: Buffer = TELLING): Buffer {
  let result = bytes
  for (let change = random(3); change >= 0; change--) {
    const at = random(result.length + 1)
    const some = Buffer.from(
      Array.from({ length: 1 + random(4) }, () =>
        random(2) === 0 ? random(256) : (telling[random(telling.length)] ?? 0),
      ),
    )
    const [before, after] = [result.subarray(0, at), result.subarray(at)]
    switch (random(8)) {
      case 0:
        result = Buffer.concat([before, some, after])
        break
      case 1:
        result = Buffer.concat([before, after.subarray(some.length)])
        break
      case 2:
        result = Buffer.concat([before, after.subarray(0, random(200)), after])
        break
      case 3:
        result = random(4) === 0 ? Buffer.from(before) : result
        break
      default:
        result = Buffer.concat([before, some, after.subarray(some.length)])
    }
  }
  return result
}
