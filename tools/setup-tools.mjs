// `npm run setup:tools`: puts the external programs that some tests need into .tools/bin.
console.log('No external tool is needed yet: every test runs on Node alone.')
