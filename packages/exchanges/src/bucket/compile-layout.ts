import {
  type ArchiveFolder,
  type ArchiveName,
  dayOf,
  type DatasetId,
  type DataType,
  type Interval,
  isBarType,
  LakeError,
  type Market,
  parseDatasetId,
  parsePeriod,
  type Period,
} from '@lake/core'
import { PLACEHOLDERS, type Placeholder, tokensOf } from './layout-tokens.ts'

/** The words that an archive writes for ours. What has no word here is in no key. */
export interface LayoutWords {
  readonly market: ReadonlyMap<Market, string>
  readonly dataType: ReadonlyMap<DataType, string>
  readonly interval: ReadonlyMap<Interval, string>
}

/** One form of key: see `BucketLayout`. */
export interface LayoutForm {
  readonly path: string
  readonly market?: Market | undefined
  readonly dataType?: DataType | undefined
  readonly interval?: Interval | undefined
  readonly accepts?: ((dataset: DatasetId) => boolean) | undefined
}

export interface CompiledLayout {
  readonly kind: Period['kind']
  key(dataset: DatasetId, period: Period): string | undefined
  prefix(dataset: DatasetId): string | undefined
  parseKey(key: string): ArchiveName | undefined
  readFolder(folder: string): ArchiveFolder | undefined
}

/**
 * Makes a path with placeholders into the functions of an archive. A key is what its dataset and period spell, and
 * nothing else: what the pattern lets through is spelled again and compared.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the path cannot tell one file from another.
 */
export function compileLayout(exchange: string, form: LayoutForm, words: LayoutWords): CompiledLayout {
  const tokens = tokensOf(form.path)
  const placeholders = tokens.filter((token) => typeof token !== 'string').map(({ name }) => name)
  const kind = checkForm(form, placeholders)
  const pattern = new RegExp(`^${patternOf(form.path, words)}$`, 'u')
  const segments = form.path.split('/').slice(0, -1)
  const folders = segments.map((_, index) => {
    const path = `${segments.slice(0, index + 1).join('/')}/`
    return new RegExp(`^${patternOf(path, words)}$`, 'u')
  })

  /** The path filled in, up to the first placeholder of the period when that is not given. */
  function spell(dataset: DatasetId, period: Period | undefined): string | undefined {
    if (dataset.exchange !== exchange || !allows(form, dataset)) return undefined
    let text = ''
    for (const token of tokens) {
      if (typeof token === 'string') {
        text += token
        continue
      }
      const isTime = PLACEHOLDERS[token.name].isTime
      if (isTime && period === undefined) return text.slice(0, text.lastIndexOf('/') + 1)
      const word = isTime ? timeWord(token.name, period?.label ?? '') : wordOf(token.name, dataset, words)
      if (word === undefined) return undefined
      text += word
    }
    return text
  }

  function key(dataset: DatasetId, period: Period): string | undefined {
    return period.kind === kind ? spell(dataset, period) : undefined
  }

  function parseKey(text: string): ArchiveName | undefined {
    const groups: Groups | undefined = pattern.exec(text)?.groups
    if (groups === undefined) return undefined
    const { market, dataType, symbol, interval } = factsOf(form, groups, words)
    if (market === undefined || dataType === undefined || symbol === undefined) return undefined
    try {
      const stem = `${exchange}/${market}/${dataType}/${encodeURIComponent(symbol)}`
      const dataset = parseDatasetId(interval === undefined ? stem : `${stem}/${interval}`)
      const period = parsePeriod(labelOf(kind, groups))
      return key(dataset, period) === text ? { dataset, period } : undefined
    } catch {
      return undefined
    }
  }

  function readFolder(folder: string): ArchiveFolder | undefined {
    if (folder === '') return factsOf(form, {}, words)
    const depth = folder.split('/').length - 2
    const match = folders[depth]?.exec(folder)
    return match === null || match === undefined ? undefined : factsOf(form, match.groups ?? {}, words)
  }

  return { kind, key, prefix: (dataset) => spell(dataset, undefined), parseKey, readFolder }
}

function checkForm(form: LayoutForm, placeholders: readonly Placeholder[]): Period['kind'] {
  const has = (name: Placeholder): boolean => placeholders.includes(name)
  const isMonth = has('month') || has('yyyymm') || (has('yyyy') && has('mm'))
  const isDay = has('day') || has('yyyymmdd') || (has('dd') && isMonth)
  if (!isDay && !isMonth) refuse(form, 'it has no {day} and no {month}')
  if (!has('symbol')) refuse(form, 'it has no {symbol}')
  if (!has('market') && form.market === undefined) refuse(form, 'it has no {market}, and none is given beside it')
  if (!has('dataType') && form.dataType === undefined) refuse(form, 'it has no {dataType}, and none is given beside it')
  if (form.dataType !== undefined && isBarType(form.dataType) && !has('interval') && form.interval === undefined) {
    refuse(form, `${form.dataType} have an interval, so it needs {interval}, or one that is given beside it`)
  }
  return isDay ? 'day' : 'month'
}

function refuse({ path }: LayoutForm, why: string): never {
  const known = Object.keys(PLACEHOLDERS)
  throw new LakeError(
    'BAD_REQUEST',
    `The layout '${path}' is incomplete: ${why}. Placeholders are {${known.join('} {')}}.`,
    { details: { path, known } },
  )
}

function allows(form: LayoutForm, dataset: DatasetId): boolean {
  if (form.market !== undefined && form.market !== dataset.market) return false
  if (form.dataType !== undefined && form.dataType !== dataset.dataType) return false
  if (form.interval !== undefined && form.interval !== dataset.interval) return false
  // A path without a place for the interval would give all intervals one key.
  const isSpelled = form.path.includes('{interval}') || form.interval !== undefined
  if (isSpelled !== (dataset.interval !== undefined)) return false
  return form.accepts?.(dataset) !== false
}

function wordOf(name: Placeholder, dataset: DatasetId, words: LayoutWords): string | undefined {
  if (name === 'symbol') return dataset.symbol
  if (name === 'market') return words.market.get(dataset.market)
  if (name === 'dataType') return words.dataType.get(dataset.dataType)
  return dataset.interval === undefined ? undefined : words.interval.get(dataset.interval)
}

function timeWord(name: Placeholder, label: string): string {
  if (name === 'day') return label
  if (name === 'month') return label.slice(0, 7)
  if (name === 'yyyymmdd') return label.replaceAll('-', '')
  if (name === 'yyyymm') return label.slice(0, 7).replace('-', '')
  if (name === 'yyyy') return label.slice(0, 4)
  if (name === 'mm') return label.slice(5, 7)
  if (name === 'dd') return label.slice(8, 10)
  return dayOf(parsePeriod(label.slice(0, 7)).to - 1).slice(8, 10)
}

type Groups = Partial<Record<string, string>>

function labelOf(kind: Period['kind'], groups: Groups): string {
  const { day, month, yyyymmdd, yyyymm, yyyy = '', mm = '', dd = '' } = groups
  const ofMonth = month ?? yyyymm?.replace(/^.{4}/, '$&-') ?? `${yyyy}-${mm}`
  if (kind === 'month') return ofMonth
  return day ?? yyyymmdd?.replace(/^(.{4})(..)/, '$1-$2-') ?? `${ofMonth}-${dd}`
}

function factsOf(form: LayoutForm, groups: Groups, words: LayoutWords): ArchiveFolder {
  return {
    market: form.market ?? named(words.market, groups['market']),
    dataType: form.dataType ?? named(words.dataType, groups['dataType']),
    symbol: groups['symbol'],
    interval: form.interval ?? named(words.interval, groups['interval']),
  }
}

function named<T>(words: ReadonlyMap<T, string>, word: string | undefined): T | undefined {
  if (word === undefined) return undefined
  for (const [name, text] of words) if (text === word) return name
  return undefined
}

/** The pattern of a path: a placeholder that comes again must have the same text. */
function patternOf(path: string, words: LayoutWords): string {
  const seen = new Set<Placeholder>()
  return tokensOf(path)
    .map((token) => {
      if (typeof token === 'string') return escapePattern(token)
      const { name } = token
      if (seen.has(name)) return `\\k<${name}>`
      seen.add(name)
      return `(?<${name}>${PLACEHOLDERS[name].pattern ?? alternatives(name, words)})`
    })
    .join('')
}

function alternatives(name: Placeholder, words: LayoutWords): string {
  const map = name === 'market' ? words.market : name === 'dataType' ? words.dataType : words.interval
  const texts = [...map.values()].sort((a, b) => b.length - a.length)
  // No word at all matches nothing.
  return texts.length === 0 ? '(?!)' : texts.map(escapePattern).join('|')
}

function escapePattern(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}/]/g, String.raw`\$&`)
}
