/** The addresses of a venue by ccxt's names for them. */
export interface VenueUrls {
  readonly public: string
  readonly private: string
  readonly v1: string
  readonly fapiPublic: string
  readonly fapiPublicV2: string
  readonly fapiPublicV3: string
  readonly fapiData: string
  readonly dapiPublic: string
  readonly dapiData: string
  readonly ws: { readonly spot: string; readonly margin: string; readonly future: string; readonly delivery: string }
}

/** Addresses on a port of this machine. Streams of each market have a path of their own, as they have hosts of their own at Binance. */
export function venueUrls(port: number): VenueUrls {
  const http = `http://127.0.0.1:${port}`
  const ws = `ws://127.0.0.1:${port}`
  return {
    public: `${http}/api/v3`,
    private: `${http}/api/v3`,
    v1: `${http}/api/v1`,
    fapiPublic: `${http}/fapi/v1`,
    fapiPublicV2: `${http}/fapi/v2`,
    fapiPublicV3: `${http}/fapi/v3`,
    fapiData: `${http}/futures/data`,
    dapiPublic: `${http}/dapi/v1`,
    dapiData: `${http}/futures/data`,
    ws: { spot: `${ws}/spot/ws`, margin: `${ws}/spot/ws`, future: `${ws}/um/ws`, delivery: `${ws}/cm/ws` },
  }
}
