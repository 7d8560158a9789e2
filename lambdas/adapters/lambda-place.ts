import type { AwsPlace } from '../../lib/checklist/targets.ts';

/** Where a function is asked for: the region in its ARN counts where the place names none, because a host answers for its own region only. */
export const placeOf = (place: AwsPlace, name: string): AwsPlace => {
  const region = place.region ?? /^arn:[\w-]+:lambda:([\w-]+):/.exec(name)?.[1];
  return region === undefined ? place : { ...place, region };
};
