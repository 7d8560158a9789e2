import type { JunitFacts } from '../evidence/junit.ts';
import type { TestSuite } from '../evidence/test-suites.ts';
import { counted } from '../wording.ts';
import { endpointsSeen, type Listed } from './shown-by-name.ts';

/** Tests are named by people: an endpoint is shown by a passing test, or the suite of one, that has its method and path in the name. */
export const testedEndpoints = (endpoints: readonly string[], report: JunitFacts, chosen: readonly TestSuite[]): Listed => {
  const seen = endpointsSeen(endpoints, namesOf(report, chosen).flatMap(endpointsIn));
  return {
    kind: 'endpoint',
    names: endpoints,
    isShown: (name) => seen.has(name),
    where: 'in the name of a test that passed',
    advice: `name a test or its suite after the endpoint, such as "${endpoints[0]}"${unnamedIn(report)}`,
  };
};

/** A service is shown by a passing test, or the suite of one, that has its name as words in its own. */
export const testedServices = (services: readonly string[], report: JunitFacts, chosen: readonly TestSuite[]): Listed => {
  const names = [...new Set(namesOf(report, chosen).map((name) => `-${plainOf(name)}-`))];
  return {
    kind: 'component',
    names: services,
    isShown: (service) => names.some((name) => name.includes(`-${plainOf(service)}-`)),
    where: 'in the name of a test that passed',
    advice: `name a test, its suite or its file after the service${unnamedIn(report)}`,
  };
};

const unnamedIn = ({ passedTests, passedNames = [] }: JunitFacts): string =>
  passedTests.length > passedNames.length
    ? `; the facts name ${passedNames.length} of ${counted(passedTests.length, 'test')}: send the others in a report of their own`
    : '';

/** `OrderApiContract` has the words of `order-api-contract`. */
const plainOf = (name: string): string =>
  name
    .replace(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})/gu, '-')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');

/** The names of suites in which a test passed, and of tests that passed; of these only such of the chosen suites, as far as the names tell. */
const namesOf = ({ passedNames = [] }: JunitFacts, chosen: readonly TestSuite[]): readonly string[] => {
  const suites = new Set(chosen.flatMap(({ names }) => names));
  const passed = chosen.filter((one) => one.tests > one.failed + one.errored + one.skipped + one.unclear);
  return [...new Set(passed.flatMap(({ names }) => names)), ...passedNames.filter((name) => isOf(suites, name))];
};

const isOf = (suites: ReadonlySet<string>, name: string): boolean => {
  const place = name.indexOf(' › ');
  return place === -1 || suites.has(name.slice(0, place));
};

const endpoint =
  /(?<![\p{L}\p{N}])(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|QUERY|CONNECT)[ :]{1,3}(?:https?:\/\/[^/\s]{1,100})?(\/[^\s"'`,;)›]*)/giu;

const endpointsIn = (name: string): readonly string[] =>
  [...name.matchAll(endpoint)].map(([, method, path = '']) => `${method} ${path.replace(/[.:!?]+$/, '')}`);
