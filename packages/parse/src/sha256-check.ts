import { createHash, type Hash } from 'node:crypto'
import { LakeError } from '@lake/core'

/** Compares what passes with a published sha256 in hexadecimal. */
export class Sha256Check {
  readonly #file: string
  readonly #expected: string | undefined
  readonly #hash: Hash | undefined

  /** @throws {@link LakeError} `BAD_REQUEST` when the expected digest is none */
  constructor(file: string, expected: string | undefined) {
    this.#file = file
    this.#expected = expected?.toLowerCase()
    if (this.#expected === undefined) return
    this.#hash = createHash('sha256')
    if (/^[0-9a-f]{64}$/.test(this.#expected)) return
    throw new LakeError('BAD_REQUEST', `'${expected}' is no sha256: 64 hexadecimal digits are.`, {
      details: { file, value: expected },
    })
  }

  add(bytes: Uint8Array): void {
    this.#hash?.update(bytes)
  }

  /** @throws {@link LakeError} `CHECKSUM_MISMATCH` naming both digests, when what has passed is something else */
  verify(): void {
    const error = this.mismatch()
    if (error !== undefined) throw error
  }

  /** The error that {@link verify} throws, if it does. */
  mismatch(): LakeError | undefined {
    const actual = this.#hash?.copy().digest('hex')
    if (actual === this.#expected) return undefined
    return new LakeError(
      'CHECKSUM_MISMATCH',
      `${this.#file} has sha256 ${actual}, but ${this.#expected} is published. ` +
        'Nothing of this file was taken; fetch the file and its checksum again.',
      { details: { file: this.#file, expected: this.#expected, actual } },
    )
  }
}
