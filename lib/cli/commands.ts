import type { Command } from './io.ts';

/** A command as the list of commands shows it. Its module is loaded when it is used, because some of them bring large libraries. */
export type Listed = {
  readonly name: string;
  /** Of the first one of several: what the list says above them. */
  readonly under?: string;
  /** A second, shorter name for those who type it often. */
  readonly short?: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
};

export const commands: readonly Listed[] = [
  {
    under: 'Releases and their evidence',
    name: 'start',
    summary: 'start a run for a release',
    load: async () => (await import('./start.ts')).start,
  },
  { name: 'evidence', summary: 'send reports as evidence', load: async () => (await import('./evidence.ts')).evidence },
  {
    name: 'evidence inspect',
    summary: 'show what reports say and how checks would judge them; sends nothing',
    load: async () => (await import('./inspect.ts')).inspect,
  },
  { name: 'run', summary: 'run a command, and send the reports that it writes', load: async () => (await import('./run.ts')).run },
  { name: 'probe', summary: 'call a URL for a while, and write a series', load: async () => (await import('./probe.ts')).probe },
  {
    name: 'scan',
    summary: 'look for mocks, stubs and TODO comments in production code, and write SARIF',
    load: async () => (await import('./scan.ts')).scan,
  },
  {
    name: 'document',
    summary: 'read a guide or a plan in Markdown, and write a record about it',
    load: async () => (await import('./document.ts')).document,
  },
  {
    name: 'reviews',
    summary: 'read who approved the commits of a release on GitHub or GitLab, and write a record about it',
    load: async () => (await import('./reviews.ts')).reviews,
  },
  {
    name: 'changes',
    summary: 'list the files that changed since the live version, and write a record about it',
    load: async () => (await import('./changes.ts')).changes,
  },
  {
    name: 'baseline',
    summary: 'write what releases are compared with from reports, as a record that people give',
    load: async () => (await import('./baseline.ts')).baseline,
  },
  {
    name: 'schema',
    summary: 'list the records, or print the JSON Schema of one, or of profiles',
    load: async () => (await import('./schema.ts')).schema,
  },
  {
    name: 'download',
    summary: 'download evidence as it was kept, and check its digest',
    load: async () => (await import('./download.ts')).download,
  },
  {
    under: 'What stands where',
    name: 'inbox',
    summary: 'list what waits for you, most urgent first',
    load: async () => (await import('./inbox.ts')).inbox,
  },
  { name: 'runs', summary: 'list the runs, newest first', load: async () => (await import('./runs.ts')).runs },
  { name: 'status', summary: 'show a run, gate by gate and check by check', load: async () => (await import('./status.ts')).status },
  {
    name: 'approvals',
    summary: 'list who is asked to approve a run, and who has answered what',
    load: async () => (await import('./approvals.ts')).approvals,
  },
  {
    name: 'events',
    summary: 'search the audit events of a run or of a service',
    load: async () => (await import('./events.ts')).events,
  },
  { name: 'wait', summary: 'wait for a gate; exit 0 only when it passed', load: async () => (await import('./wait.ts')).wait },
  {
    name: 'metrics',
    summary: 'show deployment frequency, lead time, change failure rate and time to restore',
    load: async () => (await import('./metrics.ts')).metrics,
  },
  {
    under: 'Decisions before the deployment',
    name: 'attest',
    summary: 'attest one check or several in your own words',
    load: async () => (await import('./attest.ts')).attest,
  },
  {
    name: 'waive',
    summary: 'waive a check, with a reason and an end, or revoke that',
    load: async () => (await import('./waive.ts')).waive,
  },
  {
    name: 'not-applicable',
    short: 'na',
    summary: 'declare a check not applicable to this release, with a reason',
    load: async () => (await import('./not-applicable.ts')).notApplicable,
  },
  {
    name: 'reschedule',
    summary: 'move the planned T0 of a run, with a reason',
    load: async () => (await import('./reschedule.ts')).reschedule,
  },
  {
    name: 'recall',
    summary: 'take the requests of an approval back, or ask again after that',
    load: async () => (await import('./recall.ts')).recall,
  },
  {
    name: 'cancel',
    summary: 'end a run before its deployment, with a reason',
    load: async () => (await import('./cancel.ts')).cancel,
  },
  {
    name: 'override-freeze',
    summary: 'let a run pass a freeze; two people are needed',
    load: async () => (await import('./override-freeze.ts')).overrideFreeze,
  },
  {
    under: 'The deployment and the time after it',
    name: 'deployment',
    summary: 'report that a deployment started, finished or failed',
    load: async () => (await import('./deployment.ts')).deployment,
  },
  {
    name: 'observe',
    summary: 'report something that was seen on the deployed service',
    load: async () => (await import('./observe.ts')).observe,
  },
  {
    name: 'announce',
    summary: 'announce an alarm test or a planned restart before it happens',
    load: async () => (await import('./announce.ts')).announce,
  },
  {
    name: 'label',
    summary: 'label an observation: a true alarm, a false one, or explained',
    load: async () => (await import('./label.ts')).label,
  },
  {
    name: 'incident',
    summary: 'decide an incident: resume the run, or end it',
    load: async () => (await import('./incident.ts')).incident,
  },
  {
    under: 'The way back',
    name: 'rollback',
    summary: 'record a rollback trigger, and decide with --decide',
    load: async () => (await import('./rollback.ts')).rollback,
  },
  {
    name: 'rollback-decision',
    summary: 'decide about a rollback trigger: roll back, or continue',
    load: async () => (await import('./rollback.ts')).rollbackDecision,
  },
  {
    name: 'rollback-step',
    summary: 'answer a step of a rollback, or choose what becomes of it',
    load: async () => (await import('./rollback-step.ts')).rollbackStep,
  },
  {
    name: 'rollback-data',
    summary: 'decide whether a rollback restores the data or keeps it',
    load: async () => (await import('./rollback.ts')).rollbackData,
  },
  {
    name: 'follow-up',
    summary: 'list what is asked after a rollback, or answer it',
    load: async () => (await import('./follow-up.ts')).followUp,
  },
  { name: 'drill', summary: 'rehearse the whole rollback in a staging environment', load: async () => (await import('./drill.ts')).drill },
  {
    name: 'target',
    summary: 'name what a first release can be taken back to; two people send the same',
    load: async () => (await import('./target.ts')).target,
  },
  {
    name: 'environment',
    summary: 'show who holds an environment and what is live; explain a change; free it',
    load: async () => (await import('./environment.ts')).environment,
  },
  {
    under: 'The checklist and what stands for a service',
    name: 'checklist',
    summary: 'list the checklist: thresholds, proofs, owners, controls, waivers',
    load: async () => (await import('./checklist.ts')).checklist,
  },
  {
    name: 'checklist diff',
    summary: 'compare two checklists: items added, removed and changed, with old and new thresholds',
    load: async () => (await import('./checklist-diff.ts')).checklistDiff,
  },
  {
    name: 'init',
    summary: 'write a profile to begin with, from what is in this repository',
    load: async () => (await import('./init.ts')).init,
  },
  {
    name: 'profile check',
    summary: 'check the profile of a service, with the place of each mistake',
    load: async () => (await import('./profile-check.ts')).profileCheck,
  },
  {
    name: 'profile put',
    summary: 'propose the profile of a service, for approval by two other people',
    load: async () => (await import('./profile-put.ts')).profilePut,
  },
  {
    name: 'profile diff',
    summary: 'show how a profile, or the open proposal, differs from what is in force',
    load: async () => (await import('./profile-diff.ts')).profileDiff,
  },
  {
    name: 'profile show',
    summary: 'show which profile of a service is in force, and which one is proposed',
    load: async () => (await import('./profile-show.ts')).profileShow,
  },
  {
    name: 'profile approve',
    summary: 'approve the open proposal of a service, as technical lead or operations lead',
    load: async () => (await import('./profile-answer.ts')).profileApprove,
  },
  {
    name: 'profile reject',
    summary: 'reject the open proposal of a service, which ends it',
    load: async () => (await import('./profile-answer.ts')).profileReject,
  },
  {
    name: 'standing',
    summary: 'list the evidence that stands for a service, and what waits for a second person',
    load: async () => (await import('./standing.ts')).standing,
  },
  {
    name: 'confirm',
    summary: 'confirm or reject standing evidence that another person gave',
    load: async () => (await import('./standing.ts')).confirm,
  },
  {
    name: 'withdraw',
    summary: 'take back standing evidence that counts, with a reason',
    load: async () => (await import('./standing.ts')).withdraw,
  },
  {
    under: 'This program',
    name: 'login',
    summary: 'sign in with a browser, for the commands of people',
    load: async () => (await import('./login.ts')).login,
  },
  { name: 'whoami', summary: 'show who you are, and in which roles', load: async () => (await import('./whoami.ts')).whoami },
  { name: 'logout', summary: 'delete the token that login kept', load: async () => (await import('./login.ts')).logout },
];
