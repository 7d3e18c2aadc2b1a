// `npm start`: from a fresh clone to a running authority. Everything after `npm start --` goes to `rolecall up`.
import { compile, install } from './ready.js'

install()
compile('dist')
process.argv.splice(2, 0, 'up')

// npm does not hand on a SIGTERM that it gets itself: it ends, and what it started would go on and hold the port and the data.
// So whoever npm has started stops as if it had been told, once npm is gone.
if (process.env.npm_lifecycle_event !== undefined) {
  const npm = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === npm) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, 250)
  watch.unref()
}
await import('../bin/rolecall.js')
