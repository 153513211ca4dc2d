import type { PassedOverFile } from '@lake/pipeline'
import { plural } from './format-number.ts'

/** What became of files of days that their source replaced; `undefined` without any. */
export function passedOverText(files: readonly PassedOverFile[]): string | undefined {
  const [first] = files
  if (first === undefined) return undefined
  const others = files.length === 1 ? first.day : `${first.day} and ${plural(files.length - 1, 'more day')}`
  return `the file of ${others} was replaced at its source and not taken, since the monthly file stands; lake certify --source URL compares them`
}
