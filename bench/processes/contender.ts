// What runs in the process that bench/contender.ts starts.
import type { Contender } from '../bench.ts'

const [, , url, name, argument] = process.argv
const { contenders } = await import(url!)
const contender: Contender = await contenders[name!](JSON.parse(argument!))
process.on('message', async () => process.send!(await contender.round()))
process.send!(contender.name)
