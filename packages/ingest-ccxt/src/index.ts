export { decodePage, encodePage } from './page-file.ts'
