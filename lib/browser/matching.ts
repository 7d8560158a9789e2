/** Whether a text has every word that was typed, in any order and any case. */
export const matches = (text: string, typed: string): boolean => {
  const lower = text.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
};

export const countWords = (matching: number, count: number): string =>
  matching === 0 ? `None of ${count} matches` : `${matching} of ${count} ${matching === 1 ? 'matches' : 'match'}`;
