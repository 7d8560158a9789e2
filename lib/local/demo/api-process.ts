import { serveInProcess } from '../in-process.ts';

/** Entry point of the load test's server process. Prints its address; its parent stops it with a signal. */
const { port } = await serveInProcess({ port: 0 });
process.stdout.write(`http://127.0.0.1:${port}\n`);
