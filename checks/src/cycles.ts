/** What each file imports of the others, by path. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>

/** The groups of files that import each other in a circle, each in order of its paths. By Tarjan's algorithm. */
export function importCycles(graph: ImportGraph): string[][] {
  const order = new Map<string, number>()
  const lowest = new Map<string, number>()
  const path: string[] = []
  const cycles: string[][] = []
  const visit = (file: string): number => {
    const number = order.size
    order.set(file, number)
    lowest.set(file, number)
    path.push(file)
    for (const imported of graph.get(file) ?? []) {
      const seen = order.get(imported)
      const reached = seen === undefined ? visit(imported) : path.includes(imported) ? seen : number
      lowest.set(file, Math.min(lowest.get(file) ?? number, reached))
    }
    const low = lowest.get(file) ?? number
    if (low !== number) return low
    const group = path.splice(path.indexOf(file))
    if (group.length > 1) cycles.push(group.sort())
    return low
  }
  for (const file of graph.keys()) if (!order.has(file)) visit(file)
  return cycles
}
