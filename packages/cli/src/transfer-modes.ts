import type { TransferMode } from '@lake/ingest-s5cmd'

/** How a transfer may move files. */
export const TRANSFER_MODES: readonly TransferMode[] = ['auto', 'direct', 'traditional']
