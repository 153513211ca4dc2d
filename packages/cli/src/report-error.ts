import { LakeError } from '@lake/core'
import type { Terminal } from './terminal.ts'

/**
 * Tells of a failure: one readable line on standard error, or, for programs, one JSON document on standard output.
 * Never a stack trace, unless the failure is a defect of this program, which is said.
 */
export function reportError(error: unknown, { terminal, json }: { terminal: Terminal; json: boolean }): void {
  const { code, message, details } = describe(error)
  if (json) terminal.out(`${JSON.stringify({ error: { code, message, details } })}\n`)
  else terminal.err(`lake: ${message} [${code}]\n`)
}

function describe(error: unknown): { code: string; message: string; details: Readonly<Record<string, unknown>> } {
  if (LakeError.is(error)) return { code: error.code, message: error.message, details: error.details }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: 'DEFECT', message: `This is a defect of lake, please report it: ${text}`, details: {} }
}
