export { addToAll, greatestOf, leastOf, stepsOf } from './integers'
export { countLines } from './lines'
export { readPlainRows } from './rows'
