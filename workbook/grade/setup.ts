import './expect.ts'
