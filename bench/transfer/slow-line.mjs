import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const LONGEST_QUEUE = 1 << 20

/** A line to a server with a delay each way, and a bandwidth that all connections share, each way for itself. */
export async function startSlowLine({ target, delayMillis, bytesPerSecond }) {
  const { hostname, port } = new URL(target)
  const up = { free: 0 }
  const down = { free: 0 }
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port: Number(port), host: hostname, allowHalfOpen: true })
    carry(near, far, up)
    carry(far, near, down)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  // One queue a connection: timers of their own could overtake each other.
  function carry(from, to, lane) {
    const queue = []
    let bytes = 0
    let isMoving = false
    const enqueue = (entry) => {
      queue.push(entry)
      if (!isMoving) void move()
    }
    const move = async () => {
      isMoving = true
      for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) {
        const wait = entry.due - performance.now()
        if (wait > 0) await sleep(wait)
        if (entry.chunk === undefined) to.end()
        else to.write(entry.chunk)
        bytes -= entry.chunk?.length ?? 0
        if (bytes < LONGEST_QUEUE) from.resume()
      }
      isMoving = false
    }
    from.on('data', (chunk) => {
      lane.free = Math.max(lane.free, performance.now()) + (chunk.length / bytesPerSecond) * 1000
      bytes += chunk.length
      if (bytes >= LONGEST_QUEUE) from.pause()
      enqueue({ chunk, due: lane.free + delayMillis })
    })
    from.on('end', () => enqueue({ due: performance.now() + delayMillis }))
    from.on('error', () => to.destroy())
  }

  return { endpoint: `http://127.0.0.1:${server.address().port}`, close: () => server.close() }
}
