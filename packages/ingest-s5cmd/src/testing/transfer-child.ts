import { s3Store } from '@lake/storage'
import { detectS5cmd } from '../detect-s5cmd.ts'
import { transfer } from '../transfer.ts'
import type { ArchiveFile } from '../archive-file.ts'
import type { TransferMode } from '../choose-mode.ts'

/** What a test hands to this program, as JSON in its environment. */
export interface ChildOrder {
  readonly endpoint: string
  readonly source: string
  readonly target: string
  readonly s5cmd: string
  readonly mode: TransferMode
  readonly files: readonly ArchiveFile[]
}

// A program of its own: a transfer that a test kills. Credentials come from the environment, as in real use.
const order: unknown = JSON.parse(process.env['ORDER'] ?? '{}')
if (!isOrder(order)) throw new Error('no order')
const { endpoint, files, mode } = order
const { s5cmd } = await detectS5cmd({ path: order.s5cmd })
const [source, target] = [order.source, order.target].map((bucket) => s3Store({ bucket, endpoint }))
if (source === undefined || target === undefined || s5cmd === undefined) throw new Error('incomplete order')
await transfer({ files, source, target, s5cmd, mode, concurrency: 2, batchFiles: 40 })

function isOrder(value: unknown): value is ChildOrder {
  return typeof value === 'object' && value !== null && 'files' in value && Array.isArray(value.files)
}
