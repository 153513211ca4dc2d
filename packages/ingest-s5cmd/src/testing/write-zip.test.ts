import { inflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeZip } from './write-zip.ts'

describe('writeZip', () => {
  test('writes members that a reader finds through the directory, for any names and bytes', async () => {
    const members = fc.array(
      fc.record({ name: fc.string({ unit: 'grapheme', maxLength: 20 }), bytes: fc.uint8Array({ maxLength: 300 }) }),
      { maxLength: 5 },
    )
    await fc.assert(
      fc.asyncProperty(members, async (written) => {
        expect(membersOf(await writeZip(written))).toEqual(
          written.map(({ name, bytes }) => ({ name, bytes: [...bytes] })),
        )
      }),
      { numRuns: 40 },
    )
  })

  test('writes the checksum and the sizes that the format wants', async () => {
    const zip = Buffer.from(await writeZip([{ name: 'check.txt', bytes: Buffer.from('123456789') }]))
    // The CRC-32 of these nine digits is the algorithm's published check value.
    expect(zip.readUInt32LE(14)).toBe(0xcbf43926)
    expect(zip.readUInt32LE(22)).toBe(9)
  })

  test('writes the same bytes each time, and fewer at a higher level', async () => {
    const bytes = Buffer.from('one,two,three,'.repeat(500).split('').sort().join('') + 'abcabcab'.repeat(99))
    const zip = await writeZip([{ name: 'a.csv', bytes }])
    expect(await writeZip([{ name: 'a.csv', bytes }])).toEqual(zip)
    const stored = await writeZip([{ name: 'a.csv', bytes }], { level: 0 })
    expect(zip.length).toBeLessThan(stored.length)
    expect(membersOf(stored)).toEqual([{ name: 'a.csv', bytes: [...bytes] }])
  })
})

/** A reader of its own, after the format's description: the directory first, then what it points at. */
function membersOf(bytes: Uint8Array): { name: string; bytes: number[] }[] {
  const zip = Buffer.from(bytes)
  const end = zip.length - 22
  expect(zip.readUInt32LE(end)).toBe(0x06054b50)
  const members: { name: string; bytes: number[] }[] = []
  let at = zip.readUInt32LE(end + 16)
  for (let index = 0; index < zip.readUInt16LE(end + 10); index++) {
    expect(zip.readUInt32LE(at)).toBe(0x02014b50)
    const nameLength = zip.readUInt16LE(at + 28)
    const local = zip.readUInt32LE(at + 42)
    expect(zip.readUInt32LE(local)).toBe(0x04034b50)
    // Both headers agree in everything from the version to the length of the name.
    expect(zip.subarray(local + 4, local + 28)).toEqual(zip.subarray(at + 6, at + 30))
    const start = local + 30 + nameLength
    const content = inflateRawSync(zip.subarray(start, start + zip.readUInt32LE(at + 20)))
    expect(content).toHaveLength(zip.readUInt32LE(at + 24))
    members.push({ name: zip.toString('utf8', at + 46, at + 46 + nameLength), bytes: [...content] })
    at += 46 + nameLength
  }
  expect(at).toBe(end)
  return members
}
