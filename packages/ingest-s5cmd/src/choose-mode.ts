import { LakeError } from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'
import { fitsInLine } from './s5cmd-line.ts'
import { awsPartition, isOpenToPrograms, type S3End, serverOf, type TransferEnd } from './transfer-end.ts'

/** What a caller asks for. */
export type TransferMode = 'auto' | 'direct' | 'traditional'

/** How one file is moved. */
export interface ModeDecision {
  /** `direct`: within the server. `traditional`: through this machine. */
  readonly mode: 'direct' | 'traditional'
  /**
   * `s5cmd`: a batch of that program. `parts`: by copies of parts that this process asks the server for. `stream`: from get
   * to put in this process, nothing on disk.
   */
  readonly via: 's5cmd' | 'parts' | 'stream'
  /** One sentence. */
  readonly reason: string
}

export interface ChooseModeOptions {
  readonly files: readonly Pick<ArchiveFile, 'key' | 'size'>[]
  readonly source: TransferEnd
  readonly target: TransferEnd
  /** This machine has a usable s5cmd. */
  readonly s5cmd: boolean
  /** Default `auto`. */
  readonly mode?: TransferMode | undefined
  /** A bandwidth cap is set, which s5cmd cannot hold. */
  readonly capped?: boolean | undefined
}

const UNKNOWN_CREDENTIALS =
  'Only the store has its credentials: give them to the transfer too, or set the AWS variables.'

/** The largest object that one CopyObject of AWS takes, and s5cmd knows no other way. */
const LARGEST_COPY = 5 * 1024 ** 3

/**
 * How each file is to be moved, and why; in the order of `files`. Pure; about a microsecond a file.
 *
 * `direct` is legal when both ends are S3, on the same server or in the same partition of AWS whatever the regions,
 * the principal of the target is signed, and s5cmd is there; and for a file whose key fits into a line. One above 5 GiB is
 * copied in parts. `auto` takes it wherever it is legal.
 *
 * @throws {@link LakeError} `UNSUPPORTED` when `direct` is asked for and can be legal for no file, with the reason.
 *
 * @example
 * chooseMode({ files, source: { kind: 'http' }, target: { kind: 'file' }, s5cmd: true })[0]
 * // { mode: 'traditional', via: 'stream', reason: 'The source is no S3 bucket.' }
 */
export function chooseMode(options: ChooseModeOptions): ModeDecision[] {
  const { files, source, target, mode = 'auto' } = options
  const obstacle = obstacleToDirect(options)
  if (mode === 'direct' && obstacle !== undefined) {
    throw new LakeError('UNSUPPORTED', `A direct copy is not possible: ${obstacle} Use the mode auto or traditional.`, {
      details: { mode, reason: obstacle },
    })
  }
  const isDirect = mode !== 'traditional' && obstacle === undefined
  const why = mode === 'traditional' ? 'Asked for.' : (obstacle ?? '')
  const direct: ModeDecision = { mode: 'direct', via: 's5cmd', reason: directReason(source, target) }
  const through = throughThisMachine(options, why)
  const limit = (target.kind === 's3' ? target.largestCopyBytes : undefined) ?? LARGEST_COPY
  const tooLarge: ModeDecision =
    target.kind === 's3' && target.copyFrom !== undefined
      ? {
          mode: 'direct',
          via: 'parts',
          reason: `${direct.reason} In parts, because it is larger than ${sizeOf(limit)}.`,
        }
      : { ...through, via: 'stream', reason: `Larger than ${sizeOf(limit)}: no single copy takes it.` }
  const unwritable = { ...through, via: 'stream', reason: 'Its key fits into no line for s5cmd.' } as const
  return files.map(({ key, size }) => {
    if (!isDirect && through.via === 'stream') return through
    if (!fitsInLine(key)) return unwritable
    if (isDirect) return size > limit ? tooLarge : direct
    return through
  })
}

function sizeOf(bytes: number): string {
  const [unit, name] = bytes >= 1024 ** 3 ? [1024 ** 3, 'GiB'] : [1024 ** 2, 'MiB']
  return `${(bytes / unit).toFixed(1).replace(/\.0$/, '')} ${name}`
}

function obstacleToDirect({ source, target, s5cmd }: ChooseModeOptions): string | undefined {
  if (source.kind !== 's3') return 'The source is no S3 bucket.'
  if (target.kind !== 's3') return 'The target is no S3 bucket.'
  const apart = whyApart(source, target)
  if (apart !== undefined) return apart
  if (target.signedBy === 'nobody') {
    return 'Anonymous users cannot copy within S3 (with s5cmd: --no-sign-request), also from a public bucket: give credentials.'
  }
  if (!isOpenToPrograms(target)) return UNKNOWN_CREDENTIALS
  return s5cmd ? undefined : 'There is no s5cmd on this machine.'
}

function whyApart(source: S3End, target: S3End): string | undefined {
  const from = serverOf(source.endpoint)
  const to = serverOf(target.endpoint)
  if (from !== to) return `The buckets are on different servers: ${from ?? 'AWS'} and ${to ?? 'AWS'}.`
  if (from !== undefined || source.region === undefined || target.region === undefined) return undefined
  const [fromPartition, toPartition] = [awsPartition(source.region), awsPartition(target.region)]
  if (fromPartition === toPartition) return undefined
  return `The buckets are in different partitions of AWS: ${fromPartition} and ${toPartition}.`
}

function directReason(source: TransferEnd, target: TransferEnd): string {
  if (source.kind !== 's3' || target.kind !== 's3') return ''
  const server = serverOf(target.endpoint)
  return server === undefined ? 'Both buckets are on AWS: it copies.' : `Both buckets are on ${server}: it copies.`
}

function throughThisMachine(options: ChooseModeOptions, reason: string): ModeDecision {
  return { mode: 'traditional', via: isForS5cmd(options) ? 's5cmd' : 'stream', reason }
}

function isForS5cmd({ source, target, s5cmd, capped }: ChooseModeOptions): boolean {
  if (!s5cmd || capped === true || source.kind !== 's3' || !isOpenToPrograms(source)) return false
  return target.kind === 's3' ? isOpenToPrograms(target) : target.kind === 'file'
}
