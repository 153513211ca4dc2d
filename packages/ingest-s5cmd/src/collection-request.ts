import {
  DATA_TYPES,
  type DataType,
  type Interval,
  INTERVALS,
  isBarType,
  LakeError,
  type Market,
  MARKETS,
  parseInstant,
  parseTimeRange,
  type TimeRange,
} from '@lake/core'
import * as z from 'zod'
import type { SymbolSelector } from './symbol-selector.ts'

/** What somebody wants of an exchange's archive. Everything where a member is absent. */
export interface CollectionRequest {
  readonly exchange: string
  readonly markets?: readonly Market[] | undefined
  readonly dataTypes?: readonly DataType[] | undefined
  readonly symbols?: SymbolSelector | undefined
  /** False leaves out what has ended: symbols that were settled, or got no file when others of their kind did. */
  readonly delisted: boolean
  readonly intervals?: readonly Interval[] | undefined
  readonly range?: TimeRange | undefined
  /** Monthly and daily files of the same month, to compare them. */
  readonly reconcile: boolean
}

/** What is wrong with one field. */
export interface RequestIssue {
  /** As in `symbols.quote` or `markets[1]`. */
  readonly field: string
  readonly problem: string
  /** What would be right. */
  readonly expected: string
}

const name = z.string().min(1)

const instant = z.string().superRefine((text, context) => {
  try {
    parseInstant(text)
  } catch (error) {
    context.addIssue({ code: 'custom', message: messageOf(error) })
  }
})

const schema = z.strictObject({
  exchange: name.regex(/^[a-z][a-z0-9]*$/),
  markets: z.array(z.enum(MARKETS)).min(1).optional(),
  dataTypes: z.array(z.enum(DATA_TYPES)).min(1).optional(),
  symbols: z.union([name, z.array(name).min(1), z.strictObject({ quote: name.regex(/^[A-Z0-9]+$/) })]).optional(),
  delisted: z.boolean().default(true),
  intervals: z.array(z.enum(INTERVALS)).min(1).optional(),
  range: z.strictObject({ from: instant, to: instant }).optional(),
  reconcile: z.boolean().default(false),
})

/** What would be right, by field. */
const EXPECTED: Readonly<Record<string, string>> = {
  exchange: "the lower-case name of an exchange, as 'binance'",
  markets: `a list of ${MARKETS.join(' ')}`,
  dataTypes: `a list of ${DATA_TYPES.join(' ')}`,
  symbols: "a name or glob as 'BTC*', a list of them, or { quote: 'USDT' }",
  delisted: 'true or false',
  intervals: `a list of ${INTERVALS.join(' ')}, with a data type that is bars`,
  range: "{ from: '2024-01-01', to: '2024-02-01' }, closed-open, in UTC",
  reconcile: 'true or false',
}

/**
 * Reads a request that came from outside, before anything is touched.
 *
 * @throws {@link LakeError} `BAD_REQUEST` that names every wrong field and what would be right; `details.issues` has them as
 * {@link RequestIssue}s.
 *
 * @example
 * parseCollectionRequest({ exchange: 'binance', markets: ['um'], symbols: { quote: 'USDT' }, range: { from: '2024-01-01', to: '2024-02-01' } })
 */
export function parseCollectionRequest(value: unknown): CollectionRequest {
  const result = schema.safeParse(value, { reportInput: true })
  if (!result.success) throw refused(result.error.issues.flatMap(issuesOf))
  const { range: texts, ...request } = result.data
  const { dataTypes, intervals } = request
  const issues: RequestIssue[] = []
  if (intervals !== undefined && dataTypes?.some(isBarType) === false) {
    issues.push(issue('intervals', `${dataTypes.join(' and ')} have no intervals`))
  }
  let range: TimeRange | undefined
  try {
    range = texts === undefined ? undefined : parseTimeRange(texts.from, texts.to)
  } catch (error) {
    issues.push(issue('range', messageOf(error)))
  }
  if (issues.length > 0) throw refused(issues)
  return range === undefined ? request : { ...request, range }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function issuesOf(problem: z.core.$ZodIssue): RequestIssue[] {
  const field = fieldOf(problem.path)
  if (problem.code === 'unrecognized_keys') {
    return problem.keys.map((key) => issue(field === '' ? key : `${field}.${key}`, 'there is no such field'))
  }
  return [issue(field, wordsFor(problem))]
}

/** What is allowed comes with what would be right. */
function wordsFor(problem: z.core.$ZodIssue): string {
  const { code, input } = problem
  const found = typeof input === 'string' ? JSON.stringify(input) : 'it'
  if (code === 'invalid_union') return 'it is none of the forms'
  if (code === 'too_small') return 'it is empty'
  if (code === 'invalid_value') return `${found} is none of them`
  if (code === 'invalid_format') return `${found} is not written so`
  if (code === 'invalid_type') return input === undefined ? 'it is missing' : `it is ${kindOf(input)}`
  return problem.message
}

function kindOf(input: unknown): string {
  if (input === null) return 'null'
  if (Array.isArray(input)) return 'a list'
  if (typeof input === 'object') return 'an object'
  if (typeof input === 'string') return `the text ${JSON.stringify(input)}`
  return typeof input === 'number' || typeof input === 'boolean' ? `${input}` : `of type ${typeof input}`
}

function issue(field: string, problem: string): RequestIssue {
  const [top = ''] = field.split(/[.[]/)
  const expected = Object.hasOwn(EXPECTED, top) ? EXPECTED[top] : undefined
  return { field, problem, expected: expected ?? `an object with the fields ${Object.keys(EXPECTED).join(' ')}` }
}

function fieldOf(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`))
    .join('')
}

function refused(issues: readonly RequestIssue[]): LakeError {
  const lines = issues.map(({ field, problem, expected }) => {
    return `${field === '' ? 'the request' : field}: ${problem.replace(/\.$/, '')}. Right would be ${expected}.`
  })
  return new LakeError('BAD_REQUEST', `The request cannot be read. ${lines.join(' ')} Nothing was touched.`, {
    details: { issues },
  })
}
