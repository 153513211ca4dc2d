import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** A line to a server with a delay each way, and a bandwidth that all connections share, each way for itself. */
export async function startSlowLine({ target, delayMillis, bytesPerSecond }) {
  const { hostname, port } = new URL(target)
  const up = { free: 0 }
  const down = { free: 0 }
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    carry(near, far, up)
    carry(far, near, down)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  function carry(from, to, lane) {
    let waiting = 0
    from.on('data', (chunk) => {
      lane.free = Math.max(lane.free, performance.now()) + (chunk.length / bytesPerSecond) * 1000
      waiting += chunk.length
      if (waiting > 1 << 20) from.pause()
      setTimeout(
        () => {
          to.write(chunk)
          waiting -= chunk.length
          if (waiting <= 1 << 20) from.resume()
        },
        lane.free - performance.now() + delayMillis,
      )
    })
    from.on('end', () => setTimeout(() => to.end(), Math.max(0, lane.free - performance.now()) + delayMillis + 5))
    from.on('error', () => to.destroy())
  }

  return { endpoint: `http://127.0.0.1:${server.address().port}`, close: () => server.close() }
}
