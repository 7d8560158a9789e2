/** Times as a browser's field for date and time has them, such as `2026-12-01T08:00`. */

/** In UTC. */
export const fieldTime = (date: Date): string => date.toISOString().slice(0, 16);
/** What such a field can show; any other text is kept in a field for text. */
export const isFieldTime = (text: string): boolean => /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text);
/** As `max`: with it a year has four digits. Otherwise a person who types on would write the hour behind the year. */
export const lastFieldTime = '9999-12-31T23:59';
