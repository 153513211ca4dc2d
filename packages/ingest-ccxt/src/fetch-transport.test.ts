import { createServer } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from './clock.ts'
import { createTransport } from './create-transport.ts'
import { environmentCredentials, redact } from './credentials.ts'
import { fetchTransport } from './fetch-transport.ts'
import { refusalError, refusalOf, retryAtOf } from './refusal.ts'
import type { RestReply, RestTransport } from './rest-transport.ts'

let close = (): void => undefined
afterEach(() => {
  close()
})

async function serve(status: number, body: string | undefined, asked: string[] = []): Promise<string> {
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.writeHead(status, { 'content-type': 'application/json', location: '/elsewhere' })
    if (body === undefined) response.write(' ')
    else response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  close = () => {
    server.closeAllConnections()
    server.close()
  }
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}

const endpoint = { kind: 'http', url: 'https://venue.example/v1/rows?market=spot' } as const

test('a plain request adds its parameters to the address and gives the bytes as they came', async () => {
  const asked: string[] = []
  const body = ' [ 1.10 ]\n'
  const transport: RestTransport = createTransport({ baseUrl: `${await serve(200, body, asked)}/` })
  const reply = await transport.send({
    endpoint,
    parameters: { symbol: 'A/B', limit: 2 },
    signal: new AbortController().signal,
  })
  expect(asked).toEqual(['/v1/rows?market=spot&symbol=A%2FB&limit=2'])
  expect(reply).toMatchObject({ status: 200, json: [1.1], headers: { 'content-type': 'application/json' } })
  expect(Buffer.from(reply.body).toString()).toBe(body)
  await transport.close()
})

test.each([
  ['a redirect', 302, ''],
  ['a body that stalls', 200, undefined],
])('%s is no answer', async (_, status, body) => {
  const transport = fetchTransport({ baseUrl: await serve(status, body), timeoutMillis: 100 })
  await expect(transport.send({ endpoint, parameters: {} })).rejects.toHaveProperty('code', 'UNAVAILABLE')
})

test('without a base the endpoint itself is asked, and a signal ends it with its own reason', async () => {
  const url = await serve(200, undefined)
  const stop = new AbortController()
  const sent = fetchTransport().send({ endpoint: { kind: 'http', url }, parameters: {}, signal: stop.signal })
  stop.abort(new Error('enough'))
  await expect(sent).rejects.toThrow('enough')
})

test('a transport refuses endpoints of another kind, and methods that are none', async () => {
  const ccxt = { kind: 'ccxt', exchange: 'binance', method: 'noSuchMethod' } as const
  await expect(fetchTransport().send({ endpoint: ccxt, parameters: {} })).rejects.toHaveProperty('code', 'UNSUPPORTED')
  const transport = createTransport({ credentials: () => undefined })
  for (const wrong of [
    ccxt,
    { ...ccxt, method: 'milliseconds' },
    { ...ccxt, exchange: 'nosuchvenue' },
    { ...ccxt, exchange: '../x' },
  ]) {
    await expect(transport.send({ endpoint: wrong, parameters: {} })).rejects.toHaveProperty('code', 'UNSUPPORTED')
  }
  await transport.close()
})

test('the clock of the machine sleeps as long as asked, and wakes for a signal', async () => {
  await systemClock.sleep(1000)
  const stop = new AbortController()
  const sleeping = systemClock.sleep(3_600_000_000, stop.signal)
  stop.abort(new Error('enough'))
  await expect(sleeping).rejects.toThrow('enough')
  expect(Math.abs(systemClock.now() / 1000 - Date.now())).toBeLessThan(1000)
})

test('keys come from the environment by the name of the exchange', () => {
  process.env['TESTVENUE_API_KEY'] = 'k'
  process.env['TESTVENUE_API_SECRET'] = 's'
  expect(environmentCredentials('testvenue')).toEqual({ apiKey: 'k', secret: 's', password: undefined })
  process.env['TESTVENUE_API_KEY'] = ''
  expect(environmentCredentials('testvenue')).toBeUndefined()
  expect(environmentCredentials('othervenue')).toBeUndefined()
})

test('a text loses its secrets in every spelling', () => {
  const credentials = { apiKey: 'a+b', secret: '', password: 'pass' }
  expect(redact('u?k=a%2Bb&l=a+b&p=pass&signature=00ff', credentials)).toBe('u?k=***&l=***&p=***&signature=***')
  expect(redact('signature=00ff "x"', undefined)).toBe('signature=*** "x"')
})

const reply = (status: number, text: string, refusal?: RestReply['refusal']): RestReply => ({
  status,
  headers: {},
  body: Buffer.from(text),
  json: text.startsWith('{') ? {} : undefined,
  refusal,
})

test.each([
  [200, '{}', undefined],
  [200, '<html>', 'UNAVAILABLE'],
  [401, '{}', 'NO_PERMISSION'],
  [403, '{}', 'NO_PERMISSION'],
  [403, 'The distribution is configured to block access from your country.', 'BLOCKED_REGION'],
  [404, '{}', 'NOT_FOUND'],
  [408, '{}', 'UNAVAILABLE'],
  [418, '{}', 'RATE_LIMITED'],
  [422, '{}', 'BAD_REQUEST'],
  [429, '{}', 'RATE_LIMITED'],
  [451, '{}', 'BLOCKED_REGION'],
  [502, '{}', 'UNAVAILABLE'],
])('HTTP %d with %s means %s', (status, text, code) => {
  expect(refusalOf(reply(status, text))?.code).toBe(code)
})

test('the own words of a venue count, but not against a status that asks to wait', () => {
  const refusal = { code: 'NOT_FOUND', message: 'no such symbol' } as const
  expect(refusalOf(reply(200, '{}', refusal))).toEqual({ code: 'NOT_FOUND', message: 'HTTP 200: no such symbol' })
  expect(refusalOf(reply(429, '{}', refusal))?.code).toBe('RATE_LIMITED')
})

test('the most general of refusals says less than a status that has a meaning', () => {
  const refusal = { code: 'BAD_REQUEST', message: 'no' } as const
  const codes = [200, 400, 403, 404, 500].map((status) => refusalOf(reply(status, '{}', refusal))?.code)
  expect(codes).toEqual(['BAD_REQUEST', 'BAD_REQUEST', 'NO_PERMISSION', 'NOT_FOUND', 'UNAVAILABLE'])
})

test('a refusal names what was asked for and what to do, where there is something', () => {
  const endpoint = { kind: 'ccxt', exchange: 'binance', method: 'publicGetKlines' } as const
  const refusal = { code: 'NOT_FOUND', message: 'Invalid symbol.' } as const
  const about = (parameters: Record<string, string>): string => refusalError(refusal, endpoint, { parameters }).message
  expect(about({ symbol: 'NOUSDT' })).toMatch(
    /^binance\.publicGetKlines symbol=NOUSDT was refused\..*as the venue itself writes it/,
  )
  expect(about({})).not.toContain('symbol is written')
})

test.each([
  ['7', 7_000_000],
  ['Thu, 01 Jan 1970 00:01:00 GMT', 60_000_000],
  ['later', undefined],
  [undefined, undefined],
])('Retry-After %s is %s', (text, expected) => {
  const headers: Record<string, string> = text === undefined ? {} : { 'retry-after': text }
  expect(retryAtOf({ ...reply(429, '{}'), headers }, 0)).toBe(expected)
})
