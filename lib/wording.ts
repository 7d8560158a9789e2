/** A number with the word for it: `1 probe`, `2 probes`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** `technical-lead` as "technical lead": an id as people read it. */
export const asWords = (id: string): string => id.replaceAll('-', ' ');
