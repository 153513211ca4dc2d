import { openLedger, runName } from '@lake/ledger'
import type { Lake } from './define-lake.ts'

/** The lake as one run has it: what is committed through it names the run. */
export function openRun(lake: Lake): Lake {
  return { ...lake, ledger: openLedger(lake.store, { now: lake.now, run: runName(lake.now()) }) }
}
