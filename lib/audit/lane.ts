/** Names of scopes and lanes. Lane names sort: all lanes of one gate's checks are one key range, and one query reads them. */
export const scopes = {
  run: (run: string) => `run/${run}`,
  late: (run: string) => `late/${run}`,
  environment: (service: string, environment: string) => `environment/${service}/${environment}`,
  installation: 'installation',
} as const;

export const lanes = {
  run: 'run',
  definition: 'definition',
  roster: 'roster',
  check: (gate: string, check: string) => `check/${gate}/${check}`,
  checksOf: (gate: string) => `check/${gate}/`,
  gate: (gate: string) => `gate/${gate}`,
  gates: 'gate/',
  approval: (gate: string) => `approval/${gate}`,
  evidence: (type: string, source: string) => `evidence/${type}/${source}`,
  deployment: 'deployment',
  observation: 'observation',
  rollback: 'rollback',
  notice: 'notice',
  refusal: 'refusal',
  refusedStarts: (day: string) => `refusal/${day}`,
  orphan: 'stray',
} as const;

/** The sort key of an event: `<lane>#<seq, 8 digits>`. `#` sorts before every character that a lane name may hold but space to `"`. */
export const sortKey = (lane: string, seq: number): string => `${lane}#${String(seq).padStart(8, '0')}`;

/** The hash that stands before the first event of a scope that nothing opened. */
export const genesis = '0'.repeat(64);
