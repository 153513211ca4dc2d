import { readFile } from 'node:fs/promises'
import type { Table } from 'apache-arrow'
import type { Instrument } from '../instrument.ts'
import type { PageFormat } from '../page-format.ts'
import type { RawPage } from '../raw-page.ts'
import type { ArchiveName } from '../exchange-adapter.ts'
import type { Market } from '../vocabulary.ts'

/** A value of a row: times in epoch microseconds. */
export type FixtureValue = string | number | boolean | null

/** What a recording must turn out to hold. */
export interface FixtureRows {
  readonly rows: number
  /** Columns of the first row, as they were read from the recording by eye. */
  readonly first?: Readonly<Record<string, FixtureValue>> | undefined
}

/** An answer of a venue, as recorded. */
export interface PageFixture extends FixtureRows {
  /** The id of the series that it is of. */
  readonly series: string
  /** As text, `exchange/market/dataType/symbol[/interval]`. */
  readonly dataset: string
  readonly body: string
}

/** A frame of a stream, as recorded. */
export interface FrameFixture extends FixtureRows {
  /** The id of the channel that it is of. */
  readonly channel: string
  readonly dataset: string
  readonly body: string
}

/** A file of the archive. */
export interface FileFixture extends FixtureRows {
  readonly key: string
  readonly bytes: Uint8Array
}

/** A list of instruments, as recorded. */
export interface InstrumentsFixture {
  readonly market: Market
  readonly body: string
  readonly count: number
  /** What is known of the first one. */
  readonly first?: Partial<Instrument> | undefined
}

/** What an adapter is held against: what its venue has, and what it really sent. */
export interface ExchangeFixtures {
  /** Datasets that the venue has, one at least for each series and channel. */
  readonly datasets: readonly string[]
  /** Keys that the archive really has. */
  readonly archiveKeys?: readonly string[] | undefined
  readonly files?: readonly FileFixture[] | undefined
  readonly pages?: readonly PageFixture[] | undefined
  readonly frames?: readonly FrameFixture[] | undefined
  readonly instruments?: readonly InstrumentsFixture[] | undefined
  /** Series and channels of which there is no recording: said, so that nobody believes otherwise. */
  readonly unrecorded?: readonly string[] | undefined
}

/** The parsers that recordings are given to, beside the suite's own slow reader; `@lake/parse` has them. */
export interface ExchangeParsers {
  readonly parsePage?: ((page: RawPage, format: PageFormat) => Promise<Table>) | undefined
  readonly parseFile?: ((bytes: Uint8Array, key: string, name: ArchiveName) => Promise<Table>) | undefined
}

/** A body that lies in a file of its own, or somewhere in the JSON of a file. */
interface InFile {
  readonly file: string
  /** Keys and positions that lead to the body in the file's JSON; the whole file when absent. */
  readonly path?: readonly (string | number)[] | undefined
}

type Stored<T> = Omit<T, 'body' | 'bytes'> & InFile

/** The content of a `fixtures.json`: bodies are named by their files, relative to it. */
export interface StoredFixtures extends Omit<ExchangeFixtures, 'files' | 'pages' | 'frames' | 'instruments'> {
  readonly files?: readonly Stored<FileFixture>[] | undefined
  readonly pages?: readonly Stored<PageFixture>[] | undefined
  readonly frames?: readonly Stored<FrameFixture>[] | undefined
  readonly instruments?: readonly Stored<InstrumentsFixture>[] | undefined
}

/**
 * The fixtures that a `fixtures.json` names.
 *
 * @param url of the file
 *
 * @example
 * describeExchange(mine, await readExchangeFixtures(new URL('../fixtures/fixtures.json', import.meta.url)))
 */
export async function readExchangeFixtures(url: URL): Promise<ExchangeFixtures> {
  const stored: unknown = JSON.parse(await readFile(url, 'utf8'))
  if (!isStored(stored)) throw new Error(`${url.href} has no list of datasets`)
  const bodyOf = async ({ file, path = [] }: InFile): Promise<string> => {
    const text = await readFile(new URL(file, url), 'utf8')
    if (path.length === 0) return text
    let value: unknown = JSON.parse(text)
    for (const step of path) value = Object.entries(value ?? {}).find(([name]) => name === String(step))?.[1]
    if (value === undefined) throw new Error(`${file} has nothing at ${path.join('.')}`)
    return JSON.stringify(value)
  }
  const bodies = async <T extends InFile>(list: readonly T[] = []): Promise<(T & { readonly body: string })[]> =>
    Promise.all(list.map(async (one) => ({ ...one, body: await bodyOf(one) })))
  return {
    ...stored,
    pages: await bodies(stored.pages),
    frames: await bodies(stored.frames),
    instruments: await bodies(stored.instruments),
    files: await Promise.all(
      (stored.files ?? []).map(async (one) => ({ ...one, bytes: await readFile(new URL(one.file, url)) })),
    ),
  }
}

function isStored(value: unknown): value is StoredFixtures {
  return typeof value === 'object' && value !== null && 'datasets' in value && Array.isArray(value.datasets)
}
