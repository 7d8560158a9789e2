/** One spelling for one file: `./a//b`, `a\b`, `x/../a/b` and `file:///C:/a/b` differ from `a/b` or `c:/a/b` in their spelling only. */
export const filePath = (written: string): string => {
  const path = decoded(written.trim())
    .replaceAll('\\', '/')
    .replace(/^\/*([A-Za-z]):\//, (_all, drive: string) => `${drive.toLowerCase()}:/`);
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

/** Only URIs are percent-encoded: in a plain path a percent sign is a character of the name. */
const decoded = (written: string): string => {
  const local = /^file:(?:\/\/(?:localhost)?)?(?=\/)/i;
  if (!local.test(written)) return written;
  const path = written.replace(local, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};
