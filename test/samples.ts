import { readFileSync } from 'node:fs';
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

/** The sample without its own times, so that it counts as made when it is sent. */
export const timelessSampleOf = (type: EvidenceType): Uint8Array => {
  const text = new TextDecoder().decode(sampleOf(type));
  return new TextEncoder().encode(text.replace(/ timestamp="[^"]*"|\s*"(start|finish|timestamp)": "\d{4}-[^"]*",/g, ''));
};
