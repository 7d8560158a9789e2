import type { Item } from '../checklist/definition.ts';
import { kindOf } from '../registry/rules.ts';
import { counted } from '../wording.ts';
import { floorOf, peakOf } from './parameters.ts';
import type { Profile } from './schema.ts';

/**
 * The title of a check of the document with what the profile says in place of the document's own product; its words stay. A check that says
 * nothing of a product keeps its title.
 */
export const titled = (item: Item, profile: Profile): Item => {
  if (item.source === 'profile') return item;
  return { ...item, proof: proofOf(item), title: withPath(item, titleOf(item, profile)) };
};

const proofOf = (item: Item): string => {
  if (isPerFeature(item))
    return 'Coverage report; lines are counted of each feature, from the production files that the profile lists for it.';
  return isTestedByFeature(item) ? `${item.proof} Of each feature a test must have run that is assigned to it.` : item.proof;
};

/** Where the document counts its own features. */
const countedFeatures = /^All \d+ features\b/;

const titleOf = (item: Item, { features, ports, services = [], expectedPeak }: Profile): string => {
  const { id, words, title } = item;
  if (countedFeatures.test(words) && features.length > 1)
    return words.replace(countedFeatures, `All ${counted(features.length, 'feature')}`);
  if (isPerFeature(item))
    return `${floorOf(item)}%+ test coverage ${features.length === 1 ? 'of the feature' : `in each of ${counted(features.length, 'feature')}`}`;
  if (id === 'load-tests-peak' && expectedPeak !== undefined) return `${title} (peak of ${counted(peakOf(item), 'client')})`;
  if (id === 'ports-allocated' && ports !== undefined) return `${title} (${ports.from} to ${ports.to})`;
  if (id === 'services-communicate' && services.length > 1) return `${title} (${listed(services)})`;
  return title;
};

const mostNamed = 5;
const listed = (names: readonly string[]): string =>
  names.length > mostNamed ? `${names.slice(0, mostNamed).join(', ')} and ${names.length - mostNamed} more` : names.join(', ');

const withPath = ({ rule }: Item, title: string): string =>
  rule !== null && 'path' in rule && rule.path !== undefined ? `${title} (${rule.path})` : title;

const isPerFeature = ({ rule }: Item): boolean => rule !== null && kindOf(rule).service.takes(rule).includes('features');
const isTestedByFeature = ({ rule }: Item): boolean =>
  rule !== null && 'features' in rule && kindOf(rule).service.takes(rule).includes('tested');
