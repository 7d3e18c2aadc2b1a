// `npm start`: from a fresh clone to a running authority. Everything after `npm start --` goes to `rolecall up`.
import { compile, install } from './ready.js'

install()
compile('dist')
process.argv.splice(2, 0, 'up')
await import('../bin/rolecall.js')
