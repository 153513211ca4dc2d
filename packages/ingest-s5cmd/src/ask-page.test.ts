import { createServer, type ServerResponse } from 'node:http'
import { startForwardProxy } from '@lake/storage/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { askPage } from './ask-page.ts'

describe('askPage', () => {
  test('gives the text, or nothing where there is no page', async () => {
    const url = await serving((response, path) =>
      response.writeHead(path === '/gone' ? 410 : path === '/' ? 200 : 404).end('页'),
    )
    expect(await askPage(url, {})).toBe('页')
    expect(await askPage(`${url}missing`, {})).toBeUndefined()
    expect(await askPage(`${url}gone`, {})).toBeUndefined()
  })

  test('tries again what may succeed then', async () => {
    const failures = [503, 429, 0]
    const url = await serving((response) => {
      const status = failures.shift()
      if (status === undefined) response.end('at last')
      else if (status === 0) response.destroy()
      else response.writeHead(status).end()
    })
    expect(await askPage(url, { pauseMillis: 1 })).toBe('at last')
  })

  test.each([
    [403, 'NO_PERMISSION'],
    [451, 'NO_PERMISSION'],
    [400, 'STORE_FAILED'],
    [500, 'UNAVAILABLE'],
  ])('says what an answer of %i means', async (status, code) => {
    const url = await serving((response) => response.writeHead(status).end())
    await expect(askPage(url, { attempts: 2, pauseMillis: 1 })).rejects.toMatchObject({ code, details: { status } })
  })

  test('does not wait for ever, and stops when aborted', async () => {
    const url = await serving(() => undefined)
    await expect(askPage(url, { attempts: 1, timeoutMillis: 20 })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    const controller = new AbortController()
    const asking = askPage(url, { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(asking).rejects.toThrow('enough')
  })

  test('goes by the proxy that the environment names', async () => {
    const url = await serving((response) => response.end('by the proxy'))
    await using proxy = await startForwardProxy({ hosts: { 'archive.test': new URL(url).host } })
    onTestFinished(() => { vi.unstubAllEnvs() }) // prettier-ignore
    for (const name of ['no_proxy', 'NO_PROXY', 'http_proxy']) vi.stubEnv(name, '')
    vi.stubEnv('HTTP_PROXY', proxy.url)
    expect(await askPage('http://archive.test/trading/', { attempts: 1 })).toBe('by the proxy')
    expect(proxy.requests).toEqual(['GET http://archive.test/trading/'])
  })

  test('refuses a page without end', async () => {
    const answer = async (): Promise<Response> => new Response('x'.repeat(67_108_865))
    await expect(askPage('http://127.0.0.1/', { fetch: answer })).rejects.toMatchObject({ code: 'STORE_FAILED' })
  })
})

async function serving(answer: (response: ServerResponse, path: string) => unknown): Promise<string> {
  const server = createServer((request, response) => void answer(response, request.url ?? '/'))
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) }) // prettier-ignore
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`
}
