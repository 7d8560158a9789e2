import { readFileSync } from 'node:fs';
import { recordOf } from '../lib/evidence/records/index.ts';
import { type EvidenceType, evidenceTypes } from '../lib/registry/evidence.ts';

/** The sample report of an evidence type: good evidence, as a tool writes it. */
export const sampleOf = (type: EvidenceType): Uint8Array => {
  const { sample } = evidenceTypes[type];
  try {
    return new Uint8Array(readFileSync(new URL(`samples/evidence/${sample}`, import.meta.url)));
  } catch (cause) {
    throw new Error(`the evidence type ${type} has no sample: add a good report as test/samples/evidence/${sample}`, { cause });
  }
};

/** A good record of a kind. */
export const recordSampleOf = (id: string): Record<string, unknown> => {
  const file = `samples/${id === 'backup' ? 'evidence' : 'records'}/${id}.record.json`;
  return JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as Record<string, unknown>;
};

const times = /"(\d{4}-\d\d-\d\dT[\d:.]+Z)"/g;

/** The same record, whose last measured time is another instant: all of its times move with it. */
export const recordMadeAt = (id: string, now: Date, changes: Readonly<Record<string, unknown>>): Uint8Array => {
  const record = { ...recordSampleOf(id), ...changes };
  const text = JSON.stringify(record);
  const measured = recordOf(id)?.laterTimes === 'measured' ? [...text.matchAll(times)].map(([, at = '']) => Date.parse(at)) : [];
  const later = now.getTime() - Math.max(Date.parse(String(record.at)), ...measured);
  const moved = text.replace(times, (_, at: string) => `"${new Date(Date.parse(at) + later).toISOString()}"`);
  return new TextEncoder().encode(moved);
};

/** The sample without its own times, so that it counts as made when it is sent. The lines of a log keep theirs: a line without is no good one. */
export const timelessSampleOf = (type: EvidenceType): Uint8Array => {
  if (type === 'log-sample') return sampleOf(type);
  const text = new TextDecoder().decode(sampleOf(type));
  return new TextEncoder().encode(text.replace(/ timestamp="[^"]*"|\s*"(start|finish|timestamp)": "\d{4}-[^"]*",/g, ''));
};
