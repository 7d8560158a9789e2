import { writeFileSync } from 'node:fs';
import './node-version.mjs';
import { readStageFile } from '../lib/stack/stage-file.ts';

/** Checks a stage file as synthesis does, and writes its people to a file of their own: what an operator uploads. */
const [stageFile, rosterFile, ...more] = process.argv.slice(2);
const refuse = (message: string, code: number): void => {
  process.stderr.write(`${message}\n`);
  process.exitCode = code;
};

if (stageFile === undefined || more.length > 0) refuse('Usage: npm run roster -- STAGE.json [ROSTER.json]', 2);
else
  try {
    const { roster } = readStageFile(stageFile);
    if (rosterFile !== undefined) writeFileSync(rosterFile, `${JSON.stringify(roster, null, 2)}\n`, { mode: 0o600 });
    process.stdout.write(
      `${stageFile} can be deployed; ${roster.length} people${rosterFile === undefined ? '' : ` are in ${rosterFile}`}\n`,
    );
  } catch (fault) {
    refuse(fault instanceof Error ? fault.message : String(fault), 1);
  }
