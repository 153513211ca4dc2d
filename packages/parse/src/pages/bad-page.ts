import { bronzePageKey, formatDatasetId, LakeError, type LakeErrorCode, type RawPage } from '@lake/core'
import { printable } from '../bad-row.ts'

/** Where in a page something is wrong. */
export interface PageFault {
  readonly page: RawPage
  /** The JSON text in a page of many, counted from 1. */
  readonly line?: number | undefined
  /** The row in the JSON text, counted from 1. */
  readonly row?: number | undefined
  readonly field?: string | undefined
  readonly value?: string | undefined
  /** Follows the value, or the page: "is not a decimal number", "ends too early at byte 17". */
  readonly why: string
}

/** The error for a page that is not what its format says; names page, row, field and value. */
export function badPage(code: LakeErrorCode, fault: PageFault): LakeError {
  const { page, line, row, field, why } = fault
  const { dataset, series, range } = page.envelope
  const key = page.key ?? bronzePageKey(dataset, page.envelope)
  const value = fault.value === undefined ? undefined : printable(fault.value)
  const places = [
    key,
    ...(page.lines === true && line !== undefined ? [`line ${line}`] : []),
    ...(row === undefined ? [] : [`row ${row}`]),
    ...(field === undefined ? [] : [`field ${field}`]),
  ]
  const what = value === undefined ? why : `'${value}' ${why}`
  const message = `${places.join(', ')}: ${what}. No row of this page was taken; fetch it again, or leave it out.`
  return new LakeError(code, message, {
    details: {
      key,
      dataset: formatDatasetId(dataset),
      series,
      range,
      line: page.lines === true ? (line ?? null) : null,
      row: row ?? null,
      field: field ?? null,
      value: value ?? null,
    },
  })
}
