import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { getDefaultHighWaterMark, type Readable, setDefaultHighWaterMark } from 'node:stream'
import { LakeError } from '@lake/core'
import type { ProgramEnd, ProgramRun, Runner } from './runner.ts'

/** After a polite request to end, this long until the program is ended by force. */
const GRACE_MILLIS = 1000

/**
 * Runs programs as processes of their own group, so that an abort ends a program with all that it has started, and
 * waits for its end: no process and no zombie is left behind. Should this process itself be killed, the program
 * finds its input and output closed and ends by itself.
 *
 * @example
 * await processRunner().run({ program: 's5cmd', args: ['version'], environment, onOutput, onErrorOutput })
 */
export function processRunner(): Runner {
  return { run: runProcess }
}

async function runProcess(run: ProgramRun): Promise<ProgramEnd> {
  const { program, args, environment, signal } = run
  signal?.throwIfAborted()
  const child = withoutReadingAhead(() => {
    return spawn(program, args, { env: environment, detached: true, stdio: 'pipe' })
  })
  const ended = endOf(child, program)
  const stop = (): void => {
    killGroup(child, 'SIGTERM')
    // An already ended child is not there to be killed; the timer must not keep this process alive.
    setTimeout(() => {
      if (child.exitCode === null && child.signalCode === null) killGroup(child, 'SIGKILL')
    }, GRACE_MILLIS).unref()
  }
  signal?.addEventListener('abort', stop, { once: true })
  try {
    readLines(child, child.stdout, run.onOutput)
    readLines(child, child.stderr, run.onErrorOutput)
    const [end, fed] = await Promise.allSettled([ended, feed(child, run.input ?? [])])
    signal?.throwIfAborted()
    if (end.status === 'rejected') throw end.reason
    if (fed.status === 'rejected') throw fed.reason
    return end.value
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

async function endOf(child: ChildProcessWithoutNullStreams, program: string): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    child.on('error', (error) => {
      const message = `${program} cannot be started: ${error.message}. Nothing was changed.`
      reject(new LakeError('UNSUPPORTED', message, { cause: error, details: { program } }))
    })
    child.on('close', (exitCode, killedBy) => {
      resolve({ exitCode, killedBy })
    })
  })
}

function killGroup(child: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // It has ended in the meantime, or this system has no groups.
    child.kill(signal)
  }
}

/** Writes the lines as fast as they are read. A program that ends early has its reasons: its output tells them. */
async function feed(
  child: ChildProcessWithoutNullStreams,
  lines: Iterable<string> | AsyncIterable<string>,
): Promise<void> {
  const { stdin } = child
  const closed = new AbortController()
  stdin.on('error', () => {
    closed.abort()
  })
  child.on('close', () => {
    closed.abort()
  })
  child.on('error', () => {
    closed.abort()
  })
  try {
    for await (const text of inChunks(lines)) {
      if (closed.signal.aborted) return
      if (stdin.write(text)) continue
      await once(stdin, 'drain', { signal: closed.signal }).catch(() => undefined)
    }
  } finally {
    stdin.end()
  }
}

/** Each write is a call of the system: lines that are there go together, as far as a pipe holds them. */
async function* inChunks(lines: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let text = ''
  for await (const line of lines) {
    text += `${line}\n`
    if (text.length < PIPE_BYTES) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}

const PIPE_BYTES = 65_536

/**
 * A program that tells one line at a time would wake this process for each, which then takes the processor from whoever does the
 * work: what is said within this time is read together. Its output holds some hundred lines meanwhile, so that it need not wait.
 */
const READ_MILLIS = 20

/** With so much to read the program may be waiting already. */
const MUCH = PIPE_BYTES / 4

/** Streams that are made in `start` leave what comes to the system, which wakes nobody for it, until they are asked for more. */
function withoutReadingAhead<T>(start: () => T): T {
  const usual = getDefaultHighWaterMark(false)
  setDefaultHighWaterMark(false, 1)
  try {
    return start()
  } finally {
    setDefaultHighWaterMark(false, usual)
  }
}

function readLines(child: ChildProcessWithoutNullStreams, stream: Readable, onLine: (line: string) => void): void {
  let rest = ''
  let hasEnded = false
  const read = (): void => {
    for (let chunk: unknown = stream.read(); typeof chunk === 'string'; chunk = stream.read()) {
      const lines = `${rest}${chunk}`.split('\n')
      rest = lines.pop() ?? ''
      lines.forEach(onLine)
    }
  }
  stream.setEncoding('utf8')
  stream.on('readable', () => {
    if (hasEnded || stream.readableLength >= MUCH) read()
    else setTimeout(read, READ_MILLIS)
  })
  stream.on('end', () => {
    if (rest !== '') onLine(rest)
  })
  // What a program says at its end is read at once.
  child.on('exit', () => {
    hasEnded = true
    read()
  })
}
