// `node tools/exchange-tables.mjs`: writes docs/exchanges.md from the adapters of the build. A check holds that it is current.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { capabilityTables, limitTables, listExchanges } from '../packages/exchanges/dist/index.js'
import { root } from './source-stamp.mjs'

const path = join(root, 'docs/exchanges.md')
let text = readFileSync(path, 'utf8')
for (const [name, tables] of [
  ['tables', capabilityTables],
  ['limits', limitTables],
]) {
  const [start, end] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->\n`]
  const before = text.slice(0, text.indexOf(start) + start.length)
  text = `${before}\n${tables(listExchanges())}\n${text.slice(text.indexOf(end))}`
}
writeFileSync(path, text)
