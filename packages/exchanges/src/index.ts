export { binance } from './binance/binance.ts'
export { getExchange, listExchanges } from './registry.ts'
