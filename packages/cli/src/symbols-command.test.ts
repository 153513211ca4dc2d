import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startVenue } from '@lake/ingest-ccxt/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { runCommandLine } from './command-line.ts'
import { capturedTerminal } from './testing/captured-terminal.ts'

const SAMPLE = fileURLToPath(new URL('../../../fixtures/archive', import.meta.url))
const RECORDED = new URL('../../../fixtures/rest/binance/fapi_v1_exchangeInfo.json', import.meta.url)

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-symbols-command-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

async function lake(...argv: readonly string[]) {
  const terminal = capturedTerminal()
  const options = { terminal, workingDirectory: folder, signal: new AbortController().signal }
  return { code: await runCommandLine({ argv, ...options }), out: terminal.stdout(), err: terminal.stderr() }
}

/** The recorded answer, without some of its symbols. */
async function exchangeInfo(without: readonly string[] = []) {
  const text = await readFile(RECORDED, 'utf8')
  const answer = z.looseObject({ symbols: z.array(z.looseObject({ symbol: z.string() })) })
  const [first] = z.array(z.object({ data: answer })).parse(JSON.parse(text))
  const data = first?.data ?? expect.fail('the recorded file holds an answer')
  return { ...data, symbols: data.symbols.filter(({ symbol }) => !without.includes(symbol)) }
}

describe('lake symbols', () => {
  test('lists what the venue trades and what the archive has, and keeps what is gone', async () => {
    await lake('discover', '--source', SAMPLE, '--market', 'um')
    const all = await exchangeInfo()
    const gone = all.symbols.map(({ symbol }) => symbol).find((symbol) => symbol !== 'BTCUSDT') ?? ''
    const ask = async (without: readonly string[]): Promise<{ code: number; symbols: Record<string, unknown>[] }> => {
      await using venue = await startVenue({ answers: { '/fapi/v1/exchangeInfo': await exchangeInfo(without) } })
      const { code, out } = await lake('symbols', '--market', 'um', '--json', '--venue-url', `binance=${venue.url}`)
      return {
        code,
        symbols: z.object({ symbols: z.array(z.record(z.string(), z.unknown())) }).parse(JSON.parse(out)).symbols,
      }
    }
    const first = await ask([])
    expect(first.code).toBe(0)
    expect(first.symbols).toContainEqual(
      expect.objectContaining({ symbol: 'BTCUSDT', base: 'BTC', quote: 'USDT', archiveFrom: '2026-04-01T00:00:00Z' }),
    )
    expect(first.symbols).toContainEqual(expect.objectContaining({ symbol: gone, isListed: true, delistedAt: null }))
    const second = await ask([gone])
    const delisted = {
      symbol: gone,
      status: 'delisted',
      isListed: false,
      delistedAt: expect.stringMatching(/Z$/) as unknown,
    }
    expect(second.symbols).toContainEqual(expect.objectContaining(delisted))
    const offline = await lake('symbols', '--market', 'um', '--no-ask')
    expect(offline.out).toContain(`${second.symbols.length} symbols`)
  })

  test('knows the symbols of an archive when nobody was ever asked', async () => {
    await lake('discover', '--source', SAMPLE, '--market', 'spot', '--lake', 'archive-only')
    const { out } = await lake('symbols', '--market', 'spot', '--no-ask', '--lake', 'archive-only')
    expect(out).toMatch(/BTCUSDT +- +- +- +unknown +- +- +2020-01-01 2026-05-10/)
  })

  test('names the way that asks nobody, where the venue cannot be reached', async () => {
    for (const moment of [[], ['--as-of', '2024-01-01']]) {
      const { code, err } = await lake(
        'symbols',
        '--market',
        'um',
        ...moment,
        '--venue-url',
        'binance=http://127.0.0.1:9',
      )
      expect([code, err]).toEqual([1, expect.stringContaining('With --no-ask the lake tells what it knows.')])
    }
  })

  test('refuses a market that there is not', async () => {
    const { code, err } = await lake('symbols', '--market', 'moon', '--no-ask')
    expect([code, err]).toEqual([2, expect.stringContaining('spot um cm option')])
  })
})
