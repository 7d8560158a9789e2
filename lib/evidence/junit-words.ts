/**
 * The words in which test runners write outcomes into JUnit XML. The format has no standard; the good words are listed, and a word that
 * is in no list means that nobody knows whether the test passed.
 */
export type Sign = 'passed' | 'failed' | 'errored' | 'skipped' | 'unclear';

const plain = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replace(/[\s_-]/g, '');
const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

// GoogleTest writes status="run" and result="completed".
const good = words('passed pass passing success successful succeeded ok run completed fixed');
const failing = words(
  'fail failed failing failure failures error errored errors broken timeout timedout aborted cancelled canceled interrupted crashed killed',
);
// A test that fails as it is expected to proves nothing of what it tests: pytest writes it as skipped, other runners in a word.
const notRun = words(
  'xfail xfailed expectedfailure expectedfail expectedtofail skip skipped disabled ignored ignore suppressed pending todo notrun notexecuted untested unexecuted filtered excluded deselected',
);

const signOf = (word: string): Sign => {
  const key = plain(word);
  if (good.has(key)) return 'passed';
  if (failing.has(key)) return 'failed';
  return notRun.has(key) ? 'skipped' : 'unclear';
};

/** Elements that describe a test and say nothing of its outcome, without hyphens. */
const neutral = words(
  'systemout systemerr properties property stacktrace attachments attachment artifacts artifact screenshots screenshot video trace links ' +
    'link url file line description comment comments steps step tags tag labels label categories category metadata parameters parameter ' +
    'arguments annotations annotation output log logs duration owner author requirements requirement flakyfailure flakyerror assertions ' +
    'statistics environment hostname testsuites testsuite testcase',
);
const elements: ReadonlyMap<string, Sign> = new Map<string, Sign>([
  ['failure', 'failed'],
  ['error', 'errored'],
  ['rerunfailure', 'failed'],
  ['rerunerror', 'errored'],
]);
// They are outcomes, and neither a pass nor a failure: PHPUnit exits with 1 after a warning and with 0 after a risky test.
const doubtful = words('warning incomplete inconclusive blocked undefined unknown risky useless');

/** The name of an element, without its namespace and in lower case. */
export const elementName = (name: string): string => name.slice(name.indexOf(':') + 1).toLowerCase();

/** What an element says about its test; undefined when it says nothing. `unknown` is the sign of an element that no list has. */
export const elementSign = (name: string, unknown: Sign | undefined): Sign | undefined => {
  const key = plain(name);
  if (neutral.has(key)) return undefined;
  if (doubtful.has(key)) return 'unclear';
  const sign = elements.get(key) ?? signOf(key);
  return sign === 'unclear' ? unknown : sign;
};

export type Mark = { readonly sign: Sign; readonly message: string };
type Attributes = Readonly<Record<string, string>>;

const outcomes = ['status', 'result', 'outcome', 'verdict', 'state'];
const mustBeTrue: ReadonlyMap<string, Sign> = new Map<string, Sign>([
  ['success', 'failed'],
  ['successful', 'failed'],
  ['passed', 'failed'],
  ['executed', 'skipped'],
]);
const no = words('false no n 0 none');
const yes = words('true yes y 1');

const counts = words('failure failures error errors failed errored');

/**
 * Properties whose value names a suite, in whichever way they are written: of pytest's `record_property("suite", …)`, NUnit's and xUnit's categories,
 * MSTest's test categories, tags, and the feature of Allure.
 */
const suiteProperties = words('suite testsuite category testcategory tag feature');

/** The suite that a property names; undefined where it says something else. */
export const suiteNamed = ({ name = '', value = '' }: Attributes): string | undefined =>
  suiteProperties.has(plain(name)) && value.trim() !== '' ? value.trim() : undefined;

/** What almost every case has, and what says nothing of its outcome. */
const identifying = words('name classname time file line timestamp');

/** What the attributes of a case say about its outcome. Flags are true, false or a number of failures. */
export const marksOfCase = (attributes: Attributes): Mark[] =>
  Object.entries(attributes).flatMap(([name, value]) => {
    if (identifying.has(name)) return [];
    const [key, text] = [plain(elementName(name)), plain(value)];
    if (outcomes.includes(key)) return [markOf(name, value, signOf(value))];
    if (text === '') return [];
    const unlessTrue = mustBeTrue.get(key);
    if (unlessTrue !== undefined) return yes.has(text) ? [] : [markOf(name, value, no.has(text) ? unlessTrue : 'unclear')];
    if (no.has(text)) return [];
    // Node writes failure="the message".
    if (counts.has(key)) return [{ sign: 'failed', message: value }];
    // A number is not a flag: timeout="5000" is a setting.
    if (failing.has(key)) return /\d/.test(text) ? [] : [markOf(name, value, 'failed')];
    if (notRun.has(key)) return [markOf(name, value, 'skipped')];
    return doubtful.has(key) ? [markOf(name, value, 'unclear')] : [];
  });

/** What the attributes of a suite say about it, other than its counts. */
export const marksOfSuite = (attributes: Attributes): Mark[] =>
  Object.entries(attributes).flatMap(([name, value]) => {
    const [key, text] = [plain(elementName(name)), plain(value)];
    if (outcomes.includes(key)) return [markOf(name, value, signOf(value))];
    const isFlag = mustBeTrue.has(key) || failing.has(key);
    if (!isFlag || (!yes.has(text) && !no.has(text)) || /\d/.test(text)) return [];
    return yes.has(text) === mustBeTrue.has(key) ? [] : [markOf(name, value, mustBeTrue.get(key) ?? 'failed')];
  });

const markOf = (name: string, value: string, sign: Sign): Mark => ({ sign, message: `${name}="${value.slice(0, 40)}"` });
