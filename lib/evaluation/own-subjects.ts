/** The subjects under which Holdpoint itself says something in the lane of a check, beside what was sent for it. */

/** A comparison with an earlier release. It is made anew while reports arrive, so it counts no attempts. */
export const lastRelease = '*/last-release';

/** What follows from other lanes: exact at each time at which it is computed. */
export const computed = '*/computed';

/** A rehearsal of the rollback that Holdpoint recorded itself, beside records of others. */
export const ownDrill = '*/own-drill';

/** What evidence of a source shows of migrations, in the lane of a check that concerns only a release that has some. */
const migrations = '*/migrations/';
export const migrationNote = (source: string): string => `${migrations}${source}`;
/** A further source of a check may be named so as well, and says which it is. */
export const isMigrationNote = ({ subject, source }: { readonly subject: string; readonly source?: string | undefined }): boolean =>
  source === undefined && subject.startsWith(migrations);

export const ownSubjects: readonly string[] = [lastRelease, computed, ownDrill];
