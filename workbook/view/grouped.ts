// Making a formatter costs more than all else in a row of the list.
const format = new Intl.NumberFormat('en')

/** `1,048,576` */
export const grouped = (count: number) => format.format(count)
