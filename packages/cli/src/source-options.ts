import { LakeError } from '@lake/core'
import type { SourceAccess } from '@lake/pipeline'
import type { Command } from 'commander'
import { sourceUrl } from './named-place.ts'

/** The options that say where an archive is and who reads it. */
export interface SourceOptions {
  readonly source: string
  readonly listing?: string | undefined
  readonly anonymous?: boolean | undefined
  readonly requesterPays?: boolean | undefined
  readonly sourceProfile?: string | undefined
  readonly sourceEndpoint?: string | undefined
}

/** Adds them to a command. */
export function withSource(command: Command): Command {
  return withSourceAccess(
    command.requiredOption(
      '--source <url>',
      'the archive: https://data.binance.vision, s3://bucket, a mirror, or a folder',
    ),
  )
}

/** Adds those that say how a source is read. */
export function withSourceAccess(command: Command): Command {
  return command
    .option('--listing <url>', 'where the listing of an HTTP source is served, when that is another place')
    .option('--anonymous', 'read an s3:// source without a signature, as a public bucket allows')
    .option('--requester-pays', 'agree to be charged for reading an s3:// source, where its readers pay')
    .option('--source-profile <name>', 'read an s3:// source by this AWS profile; the lake keeps its own')
    .option('--source-endpoint <url>', 'the server of an s3:// source, as of a mirror; the lake keeps its own')
}

/** What a request says of its source. */
interface SourcePart {
  readonly source: string
  readonly listingUrl: string | undefined
  readonly sourceAccess: SourceAccess
}

/**
 * The part of a request that the options make.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when they exclude each other, or the source is a folder that is not there.
 */
export async function sourceRequest(options: SourceOptions, workingDirectory: string): Promise<SourcePart> {
  const { source, listing, anonymous, requesterPays, sourceProfile: profile, sourceEndpoint: endpoint } = options
  if (anonymous === true && profile !== undefined) {
    throw new LakeError('BAD_REQUEST', 'Give --anonymous or --source-profile, not both.', {
      details: { option: '--anonymous' },
    })
  }
  if (anonymous === true && requesterPays === true) {
    throw new LakeError('BAD_REQUEST', 'Give --anonymous or --requester-pays, not both: nobody cannot be charged.', {
      details: { option: '--anonymous' },
    })
  }
  return {
    source: await sourceUrl(source, workingDirectory),
    listingUrl: listing,
    sourceAccess: { anonymous, requesterPays, profile, endpoint },
  }
}
