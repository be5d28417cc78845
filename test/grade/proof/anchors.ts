/** The anchors of a chapter's headings, as VitePress makes them. */
export function anchorsOf(chapter: string): string[] {
  const text = chapter.replaceAll(/^```[\s\S]*?^```/gm, '')
  return [...text.matchAll(/^#{1,6} +(.+?) *(?:\{#([\w-]+)\} *)?$/gm)].map(([, title, own]) => own ?? slugify(title!))
}

function slugify(title: string): string {
  return title
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[\s~`!@#$%^&*()\-_+=[\]{}|\\;:"'“”‘’<>,.?/]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .replace(/^(\d)/, '_$1')
    .toLowerCase()
}
