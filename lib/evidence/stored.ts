import type { Facts } from './facts.ts';

/** Every type of facts; the compiler asks for a new one here. Apart from the parsers, so that whoever only reads facts carries none of them. */
const known: Readonly<Record<Facts['type'], true>> = {
  junit: true,
  lcov: true,
  sarif: true,
  openapi: true,
  cyclonedx: true,
  load: true,
  series: true,
  attestation: true,
};

/** Facts as they were kept: our own canonical bytes, so a fault and no refusal when they do not parse. */
export const readFacts = (bytes: Uint8Array): Facts => {
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (
    typeof value !== 'object' ||
    value === null ||
    !('type' in value) ||
    typeof value.type !== 'string' ||
    !Object.hasOwn(known, value.type)
  )
    throw new Error('stored facts are of no known type');
  return value as Facts;
};
