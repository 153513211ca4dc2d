import {
  type DatasetId,
  type DataType,
  type ExchangeAdapter,
  formatDatasetId,
  LakeError,
  type LiveStream,
} from '@lake/core'

/** Datasets of one channel that share a connection. */
export interface LiveGroup {
  readonly channel: LiveStream
  readonly datasets: readonly DatasetId[]
}

/** What cannot be fetched later comes first. */
const ORDER: readonly DataType[] = ['liquidations', 'trades', 'aggTrades', 'klines', 'fundingRate', 'markPriceKlines']

/**
 * Which connections record the datasets. Each channel has its own, so that busy trades never cost a liquidation.
 *
 * @throws {@link LakeError} `UNSUPPORTED` when no channel of the venue sends one of them, `BAD_REQUEST` when there is none
 */
export function planLive(adapter: ExchangeAdapter, datasets: readonly DatasetId[]): LiveGroup[] {
  if (datasets.length === 0) throw new LakeError('BAD_REQUEST', 'There is no dataset to record.')
  const byChannel = new Map<LiveStream, Map<string, DatasetId>>()
  for (const dataset of datasets) {
    const channels = channelsOf(adapter, dataset)
    if (channels.length === 0) throw unsupported(adapter, dataset)
    for (const channel of channels) {
      const all = byChannel.get(channel) ?? new Map<string, DatasetId>()
      byChannel.set(channel, all.set(formatDatasetId(dataset), dataset))
    }
  }
  const groups = [...byChannel].flatMap(([channel, all]) => {
    const size = channel.endpoint.kind === 'websocket' ? (channel.endpoint.maxDatasets ?? Infinity) : 1
    return chunks([...all.values()], size).map((some): LiveGroup => ({ channel, datasets: some }))
  })
  const rank = ({ channel }: LiveGroup): number => {
    const at = ORDER.indexOf(channel.dataType)
    return at === -1 ? ORDER.length : at
  }
  return groups.sort((a, b) => rank(a) - rank(b))
}

function channelsOf(adapter: ExchangeAdapter, dataset: DatasetId): LiveStream[] {
  const { exchange, dataType, market } = dataset
  if (exchange !== adapter.id) return []
  return streamsOf(adapter).filter(
    (channel) =>
      channel.dataType === dataType && channel.markets.includes(market) && channel.topic(dataset) !== undefined,
  )
}

function streamsOf({ live }: ExchangeAdapter): readonly LiveStream[] {
  return [...(live?.channels ?? []), ...(live?.rawStreams ?? [])]
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  if (items.length <= size) return [[...items]]
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}

function unsupported(adapter: ExchangeAdapter, dataset: DatasetId): LakeError {
  const sent = streamsOf(adapter).flatMap(({ markets, dataType }) => markets.map((market) => `${market}/${dataType}`))
  const id = formatDatasetId(dataset)
  const known = sent.length === 0 ? 'nothing' : sent.join(' ')
  return new LakeError('UNSUPPORTED', `${adapter.id} does not send ${id} live, only ${known}.`, { details: { id } })
}
