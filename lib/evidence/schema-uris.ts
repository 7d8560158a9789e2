type Address = { readonly path?: string; readonly fragment?: string };

/**
 * The addresses within our own JSON Schemas, for Ajv: what stands before `#`, what stands after it, and an address beside another one. The library
 * that Ajv brings for it also normalises addresses of strangers, and is 18 KB of every function that reads an OpenAPI document or a bill of
 * materials.
 */
export const schemaUris = {
  parse: (uri: string): Address => {
    const at = uri.indexOf('#');
    return at < 0 ? { path: uri } : { path: uri.slice(0, at), fragment: uri.slice(at + 1) };
  },
  serialize: ({ path = '', fragment }: Address): string => (fragment === undefined ? path : `${path}#${fragment}`),
  resolve: (base: string, uri: string): string => {
    const document = base.split('#')[0] ?? '';
    if (uri === '' || uri.startsWith('#')) return `${document}${uri}`;
    return URL.canParse(uri, document === '' ? undefined : document) ? new URL(uri, document === '' ? undefined : document).href : uri;
  },
};
