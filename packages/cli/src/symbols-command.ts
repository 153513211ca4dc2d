import { formatInstant, LakeError, type Market, MARKETS } from '@lake/core'
import { type ListedSymbol, listSymbols, listUniverse } from '@lake/pipeline'
import type { CommandContext, CommonOptions } from './command-context.ts'
import { EXIT } from './exit-code.ts'
import { formatCount, plural } from './format-number.ts'
import { openLake } from './open-lake.ts'
import { parseMoment } from './parse-options.ts'
import { textTable } from './text-table.ts'
import { venueAccess } from './venue-access.ts'
import type { VenueOptions } from './venue-options.ts'

export interface SymbolsCommandOptions extends CommonOptions, VenueOptions {
  readonly exchange: string
  readonly market: string
  /** False with `--no-ask`. */
  readonly ask: boolean
  readonly asOf?: string | undefined
}

/** `lake symbols`: what a venue trades, and what it traded once. */
export async function symbolsCommand(options: SymbolsCommandOptions, context: CommandContext): Promise<number> {
  const { terminal, signal, workingDirectory } = context
  const lake = await openLake(options.lake, { workingDirectory }, { venues: venueAccess(options) })
  const request = { exchange: options.exchange, market: parseMarket(options.market), ask: options.ask }
  const asOf = parseMoment('--as-of', options.asOf)
  const { symbols, undated } = await (
    asOf === undefined
      ? listSymbols(lake, request, { signal }).then((found) => ({ symbols: found, undated: undefined }))
      : listUniverse(lake, { ...request, asOf }, { signal })
  ).catch((error: unknown) => {
    throw withAdvice(error)
  })
  if (options.json === true) {
    terminal.out(`${JSON.stringify({ symbols: symbols.map(jsonSymbol), undated })}\n`)
    return EXIT.complete
  }
  terminal.out(
    textTable(symbols, [
      { title: 'symbol', text: ({ symbol }) => symbol },
      { title: 'base', text: ({ base }) => base ?? '-' },
      { title: 'quote', text: ({ quote }) => quote ?? '-' },
      { title: 'contract', text: ({ contractSize }) => String(contractSize ?? '-'), align: 'right' },
      { title: 'status', text: ({ status }) => status },
      { title: 'listed', text: ({ listedAt }) => instant(listedAt) ?? '-' },
      { title: 'delisted', text: ({ delistedAt }) => instant(delistedAt) ?? '-' },
      { title: 'archive', text: ({ archiveFrom, archiveTo }) => `${day(archiveFrom)} ${day(archiveTo)}`.trim() },
    ]),
  )
  const left =
    undated === undefined || undated.length === 0 ? '' : `; ${formatCount(undated.length)} more have no known start`
  terminal.out(`\n${plural(symbols.length, 'symbol')}${left}\n`)
  return EXIT.complete
}

/** What was heard before answers too, where the venue cannot be reached. */
function withAdvice(error: unknown): unknown {
  if (!LakeError.is(error) || error.code !== 'UNAVAILABLE') return error
  const { code, message, details } = error
  return new LakeError(code, `${message} With --no-ask the lake tells what it knows.`, { cause: error, details })
}

function parseMarket(text: string): Market {
  const market = MARKETS.find((one) => one === text)
  if (market !== undefined) return market
  throw new LakeError('BAD_REQUEST', `--market takes one of ${MARKETS.join(' ')}, not '${text}'.`, {
    details: { option: '--market', value: text },
  })
}

function jsonSymbol(symbol: ListedSymbol): Record<string, unknown> {
  const { listedAt, delistedAt, knownFrom, archiveFrom, archiveTo, ...rest } = symbol
  return {
    ...rest,
    ...{ listedAt: instant(listedAt) ?? null, delistedAt: instant(delistedAt) ?? null },
    ...(knownFrom === undefined ? {} : { knownFrom: instant(knownFrom) }),
    ...{ archiveFrom: instant(archiveFrom) ?? null, archiveTo: instant(archiveTo) ?? null },
  }
}

function instant(time: number | undefined): string | undefined {
  return time === undefined ? undefined : formatInstant(time)
}

function day(time: number | undefined): string {
  return instant(time)?.slice(0, 10) ?? ''
}
