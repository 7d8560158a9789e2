/** Evidence of another type, with which the reports of a check are compared, is a subject of its own: no source of a report has a slash in its name. */
const place = 'beside';

export const besideSource = (source: string): string => `${place}/${source}`;
export const isBeside = (subject: string): boolean => {
  const [, second, ...source] = subject.split('/');
  return second === place && source.length > 0;
};
