import { createHash } from 'node:crypto'
import { LakeError } from '@lake/core'

/**
 * Compares bytes with a sha256 in hexadecimal.
 *
 * @throws {@link LakeError} `CHECKSUM_MISMATCH` naming both digests; `BAD_REQUEST` when the expected one is none.
 */
export function verifySha256(file: string, bytes: Uint8Array, expected: string): void {
  if (!/^[0-9a-f]{64}$/i.test(expected)) {
    throw new LakeError('BAD_REQUEST', `'${expected}' is no sha256: 64 hexadecimal digits are.`, {
      details: { file, value: expected },
    })
  }
  const actual = createHash('sha256').update(bytes).digest('hex')
  if (actual === expected.toLowerCase()) return
  throw new LakeError(
    'CHECKSUM_MISMATCH',
    `${file} has sha256 ${actual}, but ${expected.toLowerCase()} is published. ` +
      'Nothing of this file was taken; fetch the file and its checksum again.',
    { details: { file, expected: expected.toLowerCase(), actual } },
  )
}
