/** Writes one line of JSON. */
export type Log = (entry: Readonly<Record<string, unknown>>) => void;

export const consoleLog: Log = (entry) => console.log(JSON.stringify({ time: new Date().toISOString(), service: 'shop', ...entry }));
