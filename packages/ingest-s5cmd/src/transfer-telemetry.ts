import { metrics, type Span, SpanStatusCode, trace } from '@opentelemetry/api'
import type { TransferReport } from './transfer-report.ts'

const SCOPE = '@lake/ingest-s5cmd'

/** Runs `work` in a span that ends with it, and carries its failure. Does nothing where no SDK is registered. */
export async function inSpan<T>(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  return trace.getTracer(SCOPE).startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work(span)
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) })
      throw error
    } finally {
      span.end()
    }
  })
}

/** Adds a report to the metrics `lake.transfer.*` and to its span. */
export function recordTransfer(report: TransferReport, span: Span): void {
  const meter = metrics.getMeter(SCOPE)
  const count = (name: string, unit: string, value: number, attributes = {}): void => {
    meter.createCounter(`lake.transfer.${name}`, { unit }).add(value, attributes)
  }
  count('files', '{file}', report.modes.direct, { mode: 'direct' })
  count('files', '{file}', report.modes.traditional, { mode: 'traditional' })
  count('files.skipped', '{file}', report.skipped)
  count('files.failed', '{file}', report.failed)
  count('files.restated', '{file}', report.restated)
  count('fallbacks', '{file}', report.fallbacks)
  count('retries', '{retry}', report.retries)
  count('requests', '{request}', report.requests)
  count('bytes', 'By', report.bytesMoved)
  count('client.bytes', 'By', report.bytesThroughClient)
  count('local.bytes', 'By', report.localBytes)
  meter.createHistogram('lake.transfer.duration', { unit: 's' }).record(report.seconds, { complete: report.complete })
  const { id, files, bytesMoved, skipped, failed, fallbacks, retries, requests, bytesThroughClient } = report
  const facts = { id, files, bytesMoved, skipped, failed, fallbacks, retries, requests, bytesThroughClient }
  for (const [name, value] of Object.entries(facts)) span.setAttribute(`lake.transfer.${name}`, value)
}
