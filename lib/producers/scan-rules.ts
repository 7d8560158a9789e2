/** What a scan looks for. A rule looks at the comments of a file, at its code, or at the texts that its elements of JSX show. */
export type ScanRule = {
  readonly id: string;
  readonly description: string;
  readonly looksAt: 'comment' | 'code' | 'text';
  readonly patterns: readonly RegExp[];
};

/** Libraries that replace parts of a program in tests. In production code they have no business. */
const mockLibraries = [
  String.raw`(?:from\s+|require\(\s*|import\s*\(?\s*)['"](?:sinon|nock|msw(?:/\w+)?|vitest|@jest/globals|jest-mock|jest|aws-sdk-client-mock|ts-mockito|ts-sinon|testdouble|proxyquire|fetch-mock|mockery|moq\.ts)['"]`,
  String.raw`^\s*(?:import\s+unittest\.mock|from\s+unittest\s+import\s+mock|from\s+(?:unittest\.)?mock\s+import|import\s+(?:mock|pytest|responses|moto)\b|from\s+(?:pytest_mock|responses|moto)\b)`,
  String.raw`^\s*import\s+(?:static\s+)?(?:org\.mockito|org\.easymock|io\.mockk|org\.powermock|com\.github\.tomakehurst\.wiremock|org\.jmock)\b`,
  String.raw`"(?:github\.com/(?:golang/mock|stretchr/testify|vektra/mockery|jarcoal/httpmock|DATA-DOG/go-sqlmock)|go\.uber\.org/mock|net/http/httptest)(?:/[\w./-]*)?"`,
  String.raw`^\s*using\s+(?:Moq|NSubstitute|FakeItEasy|Rhino\.Mocks)\s*;`,
  String.raw`require\s*\(?\s*['"](?:webmock|mocha|rspec/mocks|flexmock|vcr)(?:/\w+)?['"]`,
  String.raw`\buse\s+(?:Mockery|Prophecy|PHPUnit)\b`,
  String.raw`\buse\s+(?:mockall|mockito|wiremock)\b`,
];

export const scanTools = [
  {
    tool: 'holdpoint-scan-mocks',
    title: 'mocks and stubs',
    rules: [
      {
        id: 'mock-library',
        description: 'Production code uses a library of mocks.',
        looksAt: 'code',
        patterns: mockLibraries.map((pattern) => new RegExp(pattern, 'm')),
      },
      {
        id: 'mock-call',
        description: 'Production code replaces something by a mock.',
        looksAt: 'code',
        patterns: [
          /\b(?:jest|vi|sinon|td)\s*\.\s*(?:mock|doMock|fn|spyOn|stub|fake|replace|useFakeTimers)\s*\(/,
          /\b(?:MagicMock|AsyncMock|PropertyMock|create_autospec)\s*\(/,
          /@(?:MockBean|Mock|InjectMocks|patch)\b/,
          // Mockery and PHPUnit.
          /\bMockery::(?:mock|spy|namedMock)\s*\(/,
          /(?:->|::)\s*(?:createMock|createStub|createPartialMock|createConfiguredMock|getMockBuilder|getMockForAbstractClass)\s*\(/,
          // RSpec.
          /(?<![.\w])(?:double\s*\(\s*['":]|double\s+['"]|(?:instance|class|object)_double\s*[( ])/,
          /\b(?:allow|expect)(?:_any_instance_of)?\s*\(.*\)\s*\.(?:not_)?to\s+receive/,
        ],
      },
      {
        id: 'mock-name',
        description: 'Production code declares something as a mock, a stub or a fake.',
        looksAt: 'code',
        patterns: [
          /\b(?:class|interface|struct|trait|object|enum|type|function|func|fn|def|const|let|var|val)\s+(?:\w*[a-z0-9])?(?:Mock|Stub|Fake|Dummy)(?:[A-Z0-9]\w*)?\b/,
          /\b(?:class|function|func|fn|def|const|let|var|val)\s+(?:mock|stub|fake|dummy)(?:_\w+|[A-Z0-9]\w*)?\b/,
        ],
      },
      {
        id: 'not-implemented',
        description: 'Production code says that it is not implemented.',
        looksAt: 'code',
        patterns: [
          /\bNotImplemented(?:Error|Exception)\b/,
          /\b(?:unimplemented|todo)!\s*[([{]/,
          /\b(?:throw|panic|fatalError|raise|die|abort|Error|Exception)\b[^\n;]{0,80}['"`](?:\w+ )?(?:is )?not (?:yet |been )?(?:implemented|supported yet)/i,
          /(?<![.\w])TODO\s*\(/,
          // Scala: as the value of something, or alone on a line. In a shell the same signs stand for any three.
          /(?:=|=>|\{|\belse)\s*\?\?\?(?![?\w/.*)])|^\s*\?\?\?\s*\}?\s*$/,
        ],
      },
      {
        id: 'stub-comment',
        description: 'A comment says that the code is a stub, a mock or a placeholder.',
        looksAt: 'comment',
        patterns: [
          /\b(?:stub|mock|placeholder|dummy|hard-?coded)\b(?=[^\n]{0,40}\b(?:for now|until|implementation|only|temporar(?:y|ily)|value|data|remove)\b)/i,
          /\bnot (?:yet )?implemented\b/i,
        ],
      },
      {
        id: 'unfinished-text',
        description: 'A text that people see stands for one that is not written, or for something that is not implemented.',
        looksAt: 'text',
        patterns: [/\bnot (?:yet )?implemented\b/i, /\blorem ipsum\b/i],
      },
    ],
  },
  {
    tool: 'holdpoint-scan-comments',
    title: 'TODO comments',
    rules: [
      {
        id: 'todo-comment',
        description: 'A comment of production code says that something is still to be done.',
        looksAt: 'comment',
        patterns: [
          /\b(?:TODO|FIXME|XXX|HACK|TBD)\b/,
          // With a colon or a name behind it, and as the tag of JSDoc, PHPDoc and Doxygen.
          /(?:^|[\s*#/(-])(?:(?:to-?do|fix-?me)\s*[:(]|@(?:to-?do|fix-?me)\b)/i,
          // At the beginning of a line in lower case. A todo list is a thing, and no work.
          /^[\s*#/;%<!-]*(?:fix-?me\b|to-?do\s+(?!(?:lists?|items?|apps?|applications?|entry|entries|tasks?)\b)[a-z])/im,
        ],
      },
      {
        id: 'todo-text',
        description: 'A text that people see says that something is still to be done.',
        looksAt: 'text',
        // Without a colon it may be the name of a list.
        patterns: [/\b(?:TODO|FIXME|TBD)\b\s*[:(]/, /^\s*(?:FIXME|TBD)\b/],
      },
    ],
  },
] as const satisfies readonly { readonly tool: string; readonly title: string; readonly rules: readonly ScanRule[] }[];
