import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { filesUnder, readText, root, workspacesIn } from './repository.ts'

/*
 * The examples of doc comments compile against the packages as they are built. An example is a fragment: what it does
 * not declare itself, a dataset or a store, may be anything, and so may what comes of it. What a package exports is taken
 * from there, so calls, options and results that are no more are told.
 */

/** An example, and where it stands. */
interface Example {
  readonly place: string
  readonly code: string
}

/** A name that is not declared, parameters whose type would come from one, and a package that is the reader's own. */
const FREE = new Set([2304, 2307, 2552, 2582, 2593, 7006, 7031, 18004])

test('the examples of doc comments compile', () => {
  const packages = workspacesIn('packages')
  const exported = packages.map(({ folder, manifest }) => ({
    folder,
    name: manifest.name,
    words: new Set(exportedWords(readText(`${folder}/src/index.ts`))),
  }))
  const examples = packages.flatMap(({ folder }) => {
    // A package's own words come first, since some packages have the same ones.
    const homes = exported.toSorted((a, b) => Number(b.folder === folder) - Number(a.folder === folder))
    return examplesBelow(folder).map(({ place, code }) => ({ place, code: withImports(code, homes) }))
  })
  expect(examples.length).toBeGreaterThan(100)
  expect(complaints(examples)).toEqual([])
})

test('an example with an option that is no more is told, a free name is not', () => {
  const homes = [{ name: '@lake/core', words: new Set(['parseTimeRange', 'parseDatasetId']) }]
  const code = (text: string): Example => ({ place: text, code: withImports(text, homes) })
  const stale = ["parseTimeRange('2024-01-01', '2024-01-02').since", 'parseDatasetId(1)', 'for (const x of']
  expect(complaints([code('parseDatasetId(name).symbol'), ...stale.map(code)]).map(({ place }) => place)).toEqual(stale)
})

function examplesBelow(folder: string): Example[] {
  const sources = filesUnder(`${folder}/src`).filter(
    (path) => path.endsWith('.ts') && !/(?:\.test|\.test-d|-kernels)\.ts$/.test(path),
  )
  return sources.flatMap((path) =>
    [...readText(path).matchAll(/^ *\* @example *\n((?: *\*(?! @|\/).*\n)+)/gm)].map(([, text = '']) => ({
      place: path,
      code: text.replace(/^ *\* ?/gm, ''),
    })),
  )
}

function exportedWords(index: string): string[] {
  return [...index.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list = '']) =>
    list.split(',').flatMap((item) => /(\w+)\s*$/.exec(item)?.[1] ?? []),
  )
}

function withImports(code: string, homes: readonly { name: string; words: ReadonlySet<string> }[]): string {
  const declared = new Set(
    [...code.matchAll(/(?:const|let|function|class|import \{[^}]*) (\w+)/g)].map(([, word]) => word),
  )
  const words = new Set(code.match(/\b[A-Za-z_]\w*/g)?.filter((word) => !declared.has(word)))
  const imports = homes.map(({ name, words: known }) => {
    const taken = [...words].filter((word) => known.has(word))
    for (const word of taken) words.delete(word)
    return taken.length === 0 ? '' : `import { ${taken.join(', ')} } from '${name}'; `
  })
  return `${imports.join('')}${code}\nexport {}\n`
}

/** What the compiler says of examples, besides of names that are free. */
function complaints(examples: readonly Example[]): { place: string; message: string }[] {
  // Below this package, so that every package of the workspace is found as a user would find it.
  const files = new Map(
    examples.map((example, index) => [join(root, `checks/node_modules/.examples/${index}.ts`), example]),
  )
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), (path) => ts.sys.readFile(path)) as {
    config: object
  }
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const host = ts.createCompilerHost(options)
  const program = ts.createProgram(
    [...files.keys()],
    {
      ...options,
      ...{ customConditions: [], noUnusedLocals: false, noUnusedParameters: false, verbatimModuleSyntax: false },
      ...{ isolatedDeclarations: false, declaration: false, noPropertyAccessFromIndexSignature: false },
      ...{ noEmit: true, types: ['node'], skipLibCheck: true },
    },
    {
      ...host,
      fileExists: (path) => files.has(path) || host.fileExists(path),
      readFile: (path) => files.get(path)?.code ?? host.readFile(path),
      getSourceFile: (path, language) => {
        const code = files.get(path)?.code
        return code === undefined ? host.getSourceFile(path, language) : ts.createSourceFile(path, code, language)
      },
    },
  )
  return [...files].flatMap(([path, { place }]) => {
    const source = program.getSourceFile(path)
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    return found
      .filter(({ code }) => !FREE.has(code))
      .map(({ messageText }) => ({ place, message: ts.flattenDiagnosticMessageText(messageText, ' ') }))
  })
}
