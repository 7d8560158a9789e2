/** The subjects under which Holdpoint itself says something in the lane of a check, beside what was sent for it. */

/** A comparison with an earlier release. It is made anew while reports arrive, so it counts no attempts. */
export const lastRelease = '*/last-release';

/** What follows from other lanes: exact at each time at which it is computed. */
export const computed = '*/computed';

/** A rehearsal of the rollback that Holdpoint recorded itself, beside records of others. */
export const ownDrill = '*/own-drill';

export const ownSubjects: readonly string[] = [lastRelease, computed, ownDrill];
