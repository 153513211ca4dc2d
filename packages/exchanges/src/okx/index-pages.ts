import { type ArchiveQuery, DAY_MICROS, type DataType, LakeError, type ListedPage, type Market } from '@lake/core'
import { okxBucket, okxMarket } from './okx-market.ts'

const PATH = '/api/v5/public/market-data-history'

/** The API's number for a kind of files; the lake has no table for its books. */
const MODULES: readonly (readonly [DataType, string])[] = [
  ['trades', '1'],
  ['klines', '2'],
  ['fundingRate', '3'],
]

const INSTRUMENT_TYPES: readonly (readonly [Market, readonly string[]])[] = [
  ['spot', ['SPOT']],
  ['um', ['SWAP', 'FUTURES']],
  ['cm', ['SWAP', 'FUTURES']],
  ['option', ['OPTION']],
]

/** Wider questions are refused. */
const DAYS_A_PAGE = 10

/** Names a request. */
const SYMBOLS_A_PAGE = 10

/** What to ask the index for: each module and type of instrument, ten days at a time, and months ten at a time. */
export function okxFirstPages(query: ArchiveQuery): string[] {
  const modules = MODULES.filter(([dataType]) => query.dataTypes?.includes(dataType) ?? true)
  const bars = query.intervals?.includes('1m') ?? true
  const types = new Set(
    INSTRUMENT_TYPES.filter(([market]) => query.markets?.includes(market) ?? true).flatMap(([, names]) => names),
  )
  return modules
    .filter(([dataType]) => dataType !== 'klines' || bars)
    .flatMap(([dataType, module]) =>
      [...types]
        // Only perpetuals have funding.
        .filter((type) => dataType !== 'fundingRate' || type === 'SWAP')
        .flatMap((type) =>
          nameLists(type, dataType, query.symbols).flatMap((names) =>
            spans(query).map((span) => address(module, type, names, span)),
          ),
        ),
    )
}

interface Span {
  readonly dateAggrType: 'daily' | 'monthly'
  readonly begin: number
  readonly end: number
}

function spans({ range }: ArchiveQuery): Span[] {
  const all: Span[] = []
  // A day of the archive begins eight hours before its name does: the day after the range may hold its last hours.
  const first = Math.floor(range.from / DAY_MICROS) * DAY_MICROS
  const last = Math.floor((range.to - 1 + DAY_MICROS) / DAY_MICROS) * DAY_MICROS
  for (let at = first; at <= last; at += DAYS_A_PAGE * DAY_MICROS) {
    all.push({ dateAggrType: 'daily', begin: at, end: Math.min(last, at + (DAYS_A_PAGE - 1) * DAY_MICROS) })
  }
  for (let at = monthStart(first, 0); at <= last; at = monthStart(at, DAYS_A_PAGE)) {
    all.push({
      dateAggrType: 'monthly',
      begin: at,
      end: Math.min(monthStart(last, 0), monthStart(at, DAYS_A_PAGE - 1)),
    })
  }
  return all
}

function monthStart(micros: number, add: number): number {
  const date = new Date(micros / 1000)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + add) * 1000
}

/**
 * Spot is asked for by instruments, everything else by families; the API takes `ANY` for all. The files of all instruments
 * of a kind are asked for beside others where they hold what those do not, as days of funding.
 */
function nameLists(type: string, dataType: DataType, symbols: readonly string[] | undefined): string[] {
  if (symbols === undefined) return ['ANY']
  const ofType = symbols.filter((symbol) => instrumentType(symbol) === type)
  const ofAll = ofType.some((symbol) => okxBucket(symbol) !== undefined)
  const names = ofType
    .filter((symbol) => okxBucket(symbol) === undefined)
    .map((symbol) => (type === 'SPOT' ? symbol : symbol.split('-').slice(0, 2).join('-')))
  const unique = [...new Set(names)]
  const lists: string[] = []
  for (let at = 0; at < unique.length; at += SYMBOLS_A_PAGE) lists.push(unique.slice(at, at + SYMBOLS_A_PAGE).join(','))
  return ofAll && (unique.length === 0 || dataType === 'fundingRate') ? [...lists, 'ANY'] : lists
}

function instrumentType(symbol: string): string {
  const market = okxMarket(symbol)
  if (market === 'spot') return 'SPOT'
  if (market === 'option') return 'OPTION'
  return okxBucket(symbol)?.instrumentType ?? (symbol.endsWith('-SWAP') ? 'SWAP' : 'FUTURES')
}

function address(module: string, instType: string, names: string, { dateAggrType, begin, end }: Span): string {
  const query = new URLSearchParams({
    module,
    instType,
    [instType === 'SPOT' ? 'instIdList' : 'instFamilyList']: names,
    dateAggrType,
    begin: String(begin / 1000),
    end: String(end / 1000),
  })
  return `${PATH}?${query.toString()}`
}

const ROOT = '/traderecords/'

/**
 * The files of an answer, by their keys below the archive's root.
 *
 * @throws {@link LakeError} `UNAVAILABLE` when the API is too busy, `STORE_FAILED` when it refuses the question or answers with
 * something else.
 */
export function readOkxPage(text: string, page: string): ListedPage {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch (cause) {
    throw refused(page, `'${text.slice(0, 80)}', which is no JSON`, 'STORE_FAILED', cause)
  }
  const code = String(member(answer, 'code'))
  // 50011: too many requests. 50001 and 50026: the service fails for now.
  const isBusy = ['50011', '50001', '50026', '50013'].includes(code)
  if (code !== '0') {
    throw refused(page, `code ${code}: ${String(member(answer, 'msg'))}`, isBusy ? 'UNAVAILABLE' : 'STORE_FAILED')
  }
  const groups = itemsOf(member(answer, 'data')).flatMap((item) => itemsOf(member(item, 'details')))
  const urls = groups.flatMap((group) => itemsOf(member(group, 'groupDetails'))).map((file) => member(file, 'url'))
  const files = new Set<string>()
  for (const url of urls) {
    if (typeof url !== 'string' || !URL.canParse(url)) throw refused(page, 'a file without an address', 'STORE_FAILED')
    const { pathname } = new URL(url)
    // Books lie in another tree: no files of this archive.
    const at = pathname.indexOf(ROOT)
    if (at >= 0) files.add(decodeURIComponent(pathname.slice(at + ROOT.length)))
  }
  return { files: [...files].map((key) => ({ key })), next: [] }
}

function refused(page: string, why: string, code: 'UNAVAILABLE' | 'STORE_FAILED', cause?: unknown): LakeError {
  const remedy = code === 'UNAVAILABLE' ? 'Try again later.' : 'Check the request: symbols, range, data types.'
  return new LakeError(code, `The index of OKX answered ${page} with ${why}. ${remedy}`, { cause, details: { page } })
}

function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function member(value: unknown, name: string): unknown {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  return found
}
