import {
  COLUMN_MEANINGS,
  DATA_TYPES,
  type DataType,
  type SourceColumn,
  type SourceFormat,
  tableSchema,
} from '@lake/core'
import { listExchanges } from '@lake/exchanges'

/** The page of data types: what each table has, and from where each column of each source comes. */
export function renderDataTypes(): string {
  return `${INTRODUCTION}\n${DATA_TYPES.map(sectionOf).join('\n')}\n${unreadSection()}`
}

const INTRODUCTION = `# Data types

One table a data type: its columns, and below it every source file that fills it. This page is made from the
descriptions of formats in \`@lake/exchanges\` and the columns in \`@lake/core\`, and a check holds that it is current;
\`LAKE_WRITE_DOCS=1 npx vitest run --project checks data-types\` writes it anew.

Times are microseconds UTC. A column marked "or null" is null where the source has nothing for it. How a cell is written
stands behind the name of its field: \`epoch\` is milliseconds or, from 10^15 on, microseconds, told by the file.
`

function sectionOf(dataType: DataType): string {
  const formats = listExchanges().flatMap((adapter) =>
    (adapter.formats ?? [])
      .filter((format) => format.dataType === dataType)
      .map((format) => ({ exchange: adapter.id, format })),
  )
  const rows = tableSchema(dataType).fields.map((field) =>
    row([`\`${field.name}\``, typeOf(String(field.type), field.nullable), COLUMN_MEANINGS[field.name] ?? '']),
  )
  const table = [row(['column', 'type', 'meaning']), row(['---', '---', '---']), ...rows].join('\n')
  return `## ${dataType}\n\n${table}\n\n${formats.map((one) => sourceOf(one.exchange, one.format)).join('\n')}`
}

/** What archives have and no table is made of. */
function unreadSection(): string {
  const rows = listExchanges().flatMap(({ id, unread = [] }) =>
    unread.map(({ markets, dataTypes, which = '', why, instead }) =>
      row([id, markets.join(' '), dataTypes.join(' '), which, why, instead]),
    ),
  )
  const titles = ['exchange', 'markets', 'data types', 'which', 'why', 'instead']
  const head = [row(titles), row(titles.map(() => '---'))]
  return `## Files that are not read\n\nThey can be listed and brought into bronze; a run says so and moves nothing.\n\n${[...head, ...rows].join('\n')}\n`
}

function sourceOf(exchange: string, format: SourceFormat): string {
  const eras = [
    { era: 'today', columns: format.columns },
    ...(format.variants ?? []).map(({ era, columns }) => ({ era, columns })),
  ]
  const names = [...new Set(eras.flatMap(({ columns }) => columns.map(({ name }) => name)))]
  const rows = names.map((name) => {
    const holders = eras.filter(({ columns }) => columns.some((column) => column.name === name))
    const column = holders[0]?.columns.find((one) => one.name === name)
    const era = holders.length === eras.length ? 'all' : holders.map((holder) => holder.era).join('; ')
    return column === undefined
      ? ''
      : row([fieldOf(column), cellOf(column), targetOf(column), unitOf(column, format), era])
  })
  const header = [row(['field', 'written as', 'becomes', 'unit', 'era']), row(['---', '---', '---', '---', '---'])]
  const facts = [
    `${exchange}, ${format.markets.join(' and ')}: ${CONTAINERS[format.container]}, ${HEADERS[format.header ?? 'either']}.`,
    ...(format.availableAfter === undefined
      ? []
      : [`Known ${format.availableAfter / 1e6} seconds after \`ts_event\`.`]),
    ...(format.closeBefore === undefined
      ? []
      : [`\`close_time\` is ${format.closeBefore / 1000} ms before the next bar opens.`]),
    ...(format.notes ?? []),
  ]
  return `### ${format.id}\n\n${facts.join(' ')}\n\n${[...header, ...rows].join('\n')}\n`
}

const CONTAINERS: Readonly<Record<SourceFormat['container'], string>> = {
  'zip-csv': 'a CSV in a zip',
  'gzip-csv': 'a CSV compressed with gzip',
  csv: 'a CSV',
}

const HEADERS = {
  present: 'with a header',
  absent: 'without header',
  either: 'with or without a header, told by its first character',
} as const

function fieldOf({ name, aliases = [] }: SourceColumn): string {
  return [name, ...aliases].map((one) => `\`${one}\``).join(' or ')
}

function cellOf({ kind, unit, utcOffset, words, signed, nullable, exponent, emptyAs }: SourceColumn): string {
  const detail = kind === 'time' ? (unit ?? 'epoch') : undefined
  const sayings = Object.entries(words ?? {}).map(([text, word]) =>
    text === word ? `\`${text}\`` : `\`${text}\` (${word})`,
  )
  const marks = [
    detail,
    utcOffset === undefined ? undefined : `${utcOffset / 3_600_000_000} hours ahead of UTC`,
    sayings.length > 0 ? sayings.join(', ') : undefined,
    signed === true ? 'may be negative' : undefined,
    exponent === true ? 'may have an exponent' : undefined,
    nullable === true ? 'may be empty' : undefined,
    emptyAs === undefined ? undefined : `\`${emptyAs}\` where it is`,
  ].filter((mark) => mark !== undefined)
  return marks.length === 0 ? kind : `${kind}: ${marks.join(', ')}`
}

function targetOf({ kind, to }: SourceColumn): string {
  if (kind === 'hour') return 'added to `ts_event`'
  if (kind === 'symbol') return 'checked'
  if (to === undefined) return ''
  return kind === 'signed-size' ? `\`${to}\` and \`side\`` : `\`${to}\``
}

function unitOf({ to = '' }: SourceColumn, format: SourceFormat): string {
  return format.units?.[to] ?? ''
}

function typeOf(type: string, nullable: boolean): string {
  const name = type.startsWith('Dictionary') ? 'word' : type.startsWith('Timestamp') ? 'time' : type.toLowerCase()
  return nullable ? `${name} or null` : name
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}
