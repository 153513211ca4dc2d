/** A module of its own, so that a run loads the reader of archives when a file is to be read. */
export { parseArchive } from '@lake/parse'
