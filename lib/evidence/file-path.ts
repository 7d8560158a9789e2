/**
 * A path as reports write it, in one spelling: slashes, no `.` and `..`, no doubled slashes, no `file:` scheme, the drive in lower case.
 * Case is kept, because most file systems tell files apart by it.
 */
export const filePath = (written: string): string => {
  const path = written
    .trim()
    .replace(/^file:\/\/(localhost(?=\/))?/, '')
    .replaceAll('\\', '/')
    .replace(/^\/\/\?\//, '')
    .replace(/^\/*([A-Za-z]):(?=\/)/, (_all, drive: string) => `${drive.toLowerCase()}:`);
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return `${path.startsWith('/') ? '/' : ''}${parts.join('/')}`;
};

/** The path below the first of these folders that contains it; otherwise the path itself. */
export const pathWithin = (path: string, folders: readonly string[]): string => {
  const folder = folders.find((one) => one !== '' && path.startsWith(one === '/' ? one : `${one}/`));
  return folder === undefined ? path : path.slice(folder.length).replace(/^\//, '');
};

/** The path that a URI reference names: relative, or with the scheme `file`. Another URI stays as it is. */
export const uriPath = (written: string): string =>
  /^(?!file:)[a-z][a-z\d+.-]+:/i.test(written.trim()) ? written.trim() : filePath(percentDecoded(written.replace(local, '')));

const local = /^\s*file:(?:\/\/(?:localhost)?)?(?=\/)/i;

const percentDecoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
