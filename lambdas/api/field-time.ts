/** A time as people type it into a field that asks for UTC: without a zone, seconds, or the time of the day. Any other text stays as it is. */
export const instantOf = (text: string): string => {
  const trimmed = text.trim();
  if (/^\d{4}-\d\d-\d\d$/.test(trimmed)) return `${trimmed}T00:00:00Z`;
  return /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d$/.test(trimmed) ? `${trimmed.replace(' ', 'T')}:00Z` : trimmed;
};
