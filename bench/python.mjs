import { fileURLToPath } from 'node:url'

/** The Python that `npm run bench:setup` made. */
export const python = fileURLToPath(new URL('../.tools/bench-venv/bin/python', import.meta.url))
