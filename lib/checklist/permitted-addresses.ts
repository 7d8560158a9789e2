/** Addresses below which a request may go. Each is a bound with its scheme, host, port and path. */
export type PermittedAddresses = readonly string[];

/**
 * Whether a request stays below one of the addresses, also where the server decodes its path before it looks for dots, or takes a backslash for
 * a slash. A URL keeps `%2f` in a path as it is, so that `..%2fadmin` is one name for the client and two for many a server.
 */
export const isPermitted = (url: URL, addresses: PermittedAddresses): boolean => addresses.some((address) => isBelow(url, address));

/** The same for one address. */
export const isBelow = (url: URL, address: string): boolean => {
  const bound = new URL(address);
  const folder = bound.pathname.replace(/\/$/, '');
  const paths = [url.pathname, new URL(`${url.origin}${decoded(url.pathname)}`).pathname];
  return url.origin === bound.origin && paths.every((path) => path === folder || path.startsWith(`${folder}/`));
};

const signs: Readonly<Record<string, string>> = { '%2e': '.', '%2f': '/', '%5c': '/' };

/** Decoded as often as a server could, without the parameters of its segments (`..;a=b`), which some servers take off first. */
const decoded = (path: string): string =>
  path
    .replace(/%(?:25)+/g, '%')
    .replace(/%(?:2e|2f|5c)/gi, (sign) => signs[sign.toLowerCase()] ?? sign)
    .replace(/(?:;|%3b)[^/]*/gi, '');

/** Whether a path hides a slash, a backslash, a dot or a percent sign from who reads it. Nothing that people write down has to. */
export const isHidden = (named: string): boolean => /\\|%(?:25|2e|2f|5c)/i.test(named.replace(/[?#].*$/, ''));
