export { readPlainRows } from './rows'
