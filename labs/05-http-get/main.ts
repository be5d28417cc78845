// Prints a page: npx tsx labs/05-http-get/main.ts http://127.0.0.1:7005/code/intro-short.txt
import { isMain, stop } from '../run.ts'
import { get } from './get.ts'

async function main(): Promise<void> {
  const url = process.argv[2] ?? 'http://127.0.0.1:7005/code/intro-short.txt'
  const response = await get(url).catch((error: Error) => stop(`${url}: ${error.message}.`))
  console.log(`${response.status} from ${response.url}`)
  for (const [name, value] of response.headers) console.log(`${name}: ${value}`)
  console.log(`\n${response.text()}`)
}

if (isMain(import.meta.url)) await main()
