// `node tools/exchange-tables.mjs`: writes docs/exchanges.md from the adapters of the build. A check holds that it is current.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { capabilityTables, listExchanges } from '../packages/exchanges/dist/index.js'
import { root } from './source-stamp.mjs'

const path = join(root, 'docs/exchanges.md')
const [start, end] = ['<!-- tables -->\n', '<!-- end of tables -->\n']
const text = readFileSync(path, 'utf8')
const before = text.slice(0, text.indexOf(start) + start.length)
writeFileSync(path, `${before}\n${capabilityTables(listExchanges())}\n${text.slice(text.indexOf(end))}`)
