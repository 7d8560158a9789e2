import { relative } from 'node:path';
import sarif from '@secretlint/secretlint-formatter-sarif';

/**
 * secretlint's SARIF log, with every file that it read. Its own formatter names files only where it finds something, so the log of a clean scan and
 * that of a scan which read nothing are the same, and Holdpoint takes neither for a proof.
 */
export default (results) => {
  const log = JSON.parse(sarif(results));
  const [run] = log.runs;
  const known = new Set((run.artifacts ?? []).map(({ location }) => location.uri));
  const read = results.map(({ filePath }) => relative(process.cwd(), filePath)).filter((uri) => !known.has(uri));
  run.artifacts = [...(run.artifacts ?? []), ...read.map((uri) => ({ location: { uri } }))];
  return JSON.stringify(log, null, 2);
};
