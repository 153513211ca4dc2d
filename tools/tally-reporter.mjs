// A vitest reporter that writes what tools/check.mjs adds up, as JSON, to the file that LAKE_TALLY names.
import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { root } from './source-stamp.mjs'

export default class TallyReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const tally = { passed: 0, failed: [], skipped: [] }
    for (const module of modules) {
      const file = relative(root, module.moduleId)
      for (const test of module.children.allTests()) {
        const result = test.result()
        const name = `${file} > ${test.fullName}`
        if (result.state === 'passed') tally.passed++
        else if (result.state === 'failed') tally.failed.push(name)
        else tally.skipped.push({ name, reason: result.note ?? 'no reason given' })
      }
      // A file that cannot be imported has no tests that could fail.
      for (const error of module.errors()) tally.failed.push(`${file}: ${firstLine(error.message)}`)
    }
    for (const error of unhandledErrors) tally.failed.push(`unhandled: ${firstLine(error.message)}`)
    writeFileSync(process.env.LAKE_TALLY, JSON.stringify(tally))
  }
}

function firstLine(text) {
  return text.split('\n', 1)[0]
}
