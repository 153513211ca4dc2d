import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { filesUnder, readText } from './repository.ts'

/*
 * What parsers are compared with shares no code with them: an error in shared code would be on both sides. It may know
 * the types that describe formats, and its own parts.
 */
const references = filesUnder('packages/parse/src/testing').filter((path) => /reference[^/]*\.ts$/.test(path))

describe('the slow references', () => {
  test('are there', () => {
    expect(references).toHaveLength(4)
  })

  test.each(references)('%s imports types of @lake/core and other references, nothing else', (path) => {
    expect(sharedCode(readText(path))).toEqual([])
  })

  test.each([
    [`import { tableSchema } from '@lake/core'`, '@lake/core'],
    [`import { type DataType, tableSchema } from '@lake/core'`, '@lake/core'],
    [`import type { Strip } from '../strip.ts'`, '../strip.ts'],
    [`import { digitAt } from '../strip.ts'`, '../strip.ts'],
    [`import type { Table } from 'apache-arrow'`, 'apache-arrow'],
    [`export { digitAt } from '../strip.ts'`, '../strip.ts'],
    [`const { digitAt } = await import('../strip.ts')`, '../strip.ts'],
  ])('%s would be told', (text, module) => {
    expect(sharedCode(text)).toEqual([module])
  })
})

/** The modules that a reference imports and may not. */
function sharedCode(text: string): string[] {
  const types = new Set(typeImports(text))
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => !/^\.\/reference[^/]*\.ts$/.test(name) && !(name === '@lake/core' && types.has(name)))
}

/** The modules of which nothing but types is imported. */
function typeImports(text: string): string[] {
  const { statements } = ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest)
  return statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return []
    return statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword ? [statement.moduleSpecifier.text] : []
  })
}
