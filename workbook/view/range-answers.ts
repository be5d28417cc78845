/** The file that everybody asks for. */
export const file = 'hello, world'

/** What becomes of a Range header: the status, and the first and last byte that are sent. A test asks the server. */
export const rangeAnswers: { range: string; status: number; start?: number; end?: number; why: string }[] = [
  { range: 'bytes=0-4', status: 206, start: 0, end: 4, why: 'The first five bytes: both ends are included.' },
  { range: 'bytes=7-', status: 206, start: 7, end: 11, why: 'From byte 7 to the end: how a download resumes.' },
  { range: 'bytes=-5', status: 206, start: 7, end: 11, why: 'The last five bytes, not the bytes up to 5.' },
  { range: 'bytes=0-999', status: 206, start: 0, end: 11, why: 'Longer than the file: cut to what is there.' },
  {
    range: 'bytes=12-',
    status: 416,
    why: 'Byte 12 would be the thirteenth. The answer names the size: Content-Range: bytes */12.',
  },
  {
    range: 'bytes=5-2',
    status: 200,
    start: 0,
    end: 11,
    why: 'Ends before it begins: no range at all, so the header is ignored.',
  },
  {
    range: 'bytes=0-1,3-4',
    status: 200,
    start: 0,
    end: 11,
    why: 'Two ranges may be ignored: the answer is the whole file.',
  },
]
