import { lastRelease } from './own-subjects.ts';

/** Evidence of another type, with which the reports of a check are compared, is a subject of its own: no source of a report has a slash in its name. */
const place = 'beside';

export const besideSource = (source: string): string => `${place}/${source}`;
export const isBeside = (subject: string): boolean => {
  const [, second, ...source] = subject.split('/');
  return second === place && source.length > 0;
};

/** Whether the subject says something about the reports of a check, and is no proof of it. */
export const isComparison = (subject: string): boolean => subject === lastRelease || isBeside(subject);
