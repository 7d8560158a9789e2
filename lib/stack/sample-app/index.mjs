import { readFileSync } from 'node:fs';

// The release that this code was built for lies beside it. Without one the service is not fit to be asked.
const read = () => {
  try {
    return JSON.parse(readFileSync(new URL('./release.json', import.meta.url), 'utf8')).release;
  } catch {
    return undefined;
  }
};
const release = read();

/** Answers whether the service is well, and which release it is. */
export const handler = async (event) => {
  console.log(JSON.stringify({ ask: event?.ask ?? null, release: release ?? null }));
  return { ok: typeof release === 'string', release };
};
