/** A number with the word for it: `1 probe`, `2 probes`. `shown`: the number as people read it, where it may have a fraction. */
export const counted = (count: number, one: string, many = `${one}s`, shown = String(count)): string =>
  `${shown} ${shown === '1' ? one : many}`;

/** `technical-lead` as "technical lead": an id as people read it. */
export const asWords = (id: string): string => id.replaceAll('-', ' ');
