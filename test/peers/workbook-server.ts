// The lab server with one of its ports told as a lab's is: npx tsx test/peers/workbook-server.ts [port] [host] site|echo|…
import { createLabServer } from '../../workbook/server/lab-server.ts'

const which = process.argv[4]
// What is kept for pages that come later is small here, so that memory can be seen to return.
const lab = await createLabServer({ port: 0, limits: { keptChunks: 20, keptBytes: 64 * 1024 } })
const port = which === 'site' ? lab.port : lab.targets().find(({ id }) => id === which)!.tapPort
console.log(`listening on 127.0.0.1:${port}`)
process.once('SIGTERM', () => void lab.close())
