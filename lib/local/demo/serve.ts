import { serveInProcess } from '../in-process.ts';

/** A process of its own: says where it listens, and ends with its parent's signal. */
const { port } = await serveInProcess({ port: 0 });
process.stdout.write(`http://127.0.0.1:${port}\n`);
