import { version as node } from 'node:process';
import manifest from '../../package.json' with { type: 'json' };

/** The version of the command line, from the manifest that it was built with, and of the Node.js that runs it. */
export const versions = { holdpoint: manifest.version, node: node.replace(/^v/, '') } as const;
