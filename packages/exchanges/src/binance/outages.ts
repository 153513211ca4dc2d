import { type KnownOutage, parseInstant } from '@lake/core'

/** Whole hours of the spot market without a bar, from the first missing hour to the first that is there again. */
const SPOT_HOURS: readonly (readonly [string, string])[] = [
  ['2017-09-06T17:00Z', '2017-09-06T23:00Z'],
  ['2018-01-04T04:00Z', '2018-01-04T05:00Z'],
  ['2018-02-08T01:00Z', '2018-02-09T10:00Z'],
  ['2018-06-26T02:00Z', '2018-06-26T12:00Z'],
  ['2018-06-27T13:00Z', '2018-06-27T14:00Z'],
  ['2018-07-04T01:00Z', '2018-07-04T08:00Z'],
  ['2018-10-19T06:00Z', '2018-10-19T09:00Z'],
  ['2018-11-14T02:00Z', '2018-11-14T09:00Z'],
  ['2019-03-12T02:00Z', '2019-03-12T08:00Z'],
  ['2019-05-15T03:00Z', '2019-05-15T13:00Z'],
  ['2019-08-15T02:00Z', '2019-08-15T10:00Z'],
  ['2019-11-13T02:00Z', '2019-11-13T04:00Z'],
  ['2019-11-25T02:00Z', '2019-11-25T04:00Z'],
  ['2020-02-09T02:00Z', '2020-02-09T03:00Z'],
  ['2020-02-19T12:00Z', '2020-02-19T17:00Z'],
  ['2020-03-04T10:00Z', '2020-03-04T11:00Z'],
  ['2020-04-25T02:00Z', '2020-04-25T04:00Z'],
  ['2020-06-28T02:00Z', '2020-06-28T05:00Z'],
  ['2020-11-30T06:00Z', '2020-11-30T07:00Z'],
  ['2020-12-21T14:00Z', '2020-12-21T18:00Z'],
  ['2020-12-25T02:00Z', '2020-12-25T03:00Z'],
  ['2021-02-11T04:00Z', '2021-02-11T05:00Z'],
  ['2021-03-06T02:00Z', '2021-03-06T03:00Z'],
  ['2021-04-20T02:00Z', '2021-04-20T04:00Z'],
  ['2021-04-25T05:00Z', '2021-04-25T08:00Z'],
  ['2021-08-13T02:00Z', '2021-08-13T06:00Z'],
  ['2021-09-29T07:00Z', '2021-09-29T09:00Z'],
  ['2023-03-24T13:00Z', '2023-03-24T14:00Z'],
]

/** When nothing traded on Binance's spot market. The halts began and ended within the hours around them. */
export const binanceOutages: readonly KnownOutage[] = SPOT_HOURS.map(([from, to]) => ({
  range: { from: parseInstant(from), to: parseInstant(to) },
  markets: ['spot'],
  evidence:
    'The hourly bars of BTCUSDT that the exchange itself serves leave these hours out: maintenance, and outages.',
}))
