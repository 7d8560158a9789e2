import type { Plugin } from 'esbuild';

/** Leaves out Ajv's library for addresses of schemas: `lib/evidence/schema-uris.ts` stands in for it. */
export const ownAddresses: Plugin = {
  name: 'own-addresses',
  setup: ({ onLoad }) => onLoad({ filter: /ajv[\\/]dist[\\/]runtime[\\/]uri\.js$/ }, () => ({ contents: '', loader: 'js' })),
};
