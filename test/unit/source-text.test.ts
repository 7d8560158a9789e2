import { expect, test } from 'vitest';
import { languageOf } from '../../lib/producers/languages.ts';
import { piecesOf } from '../../lib/producers/source-text.ts';

/** Which words stand in comments, by the rules of each language: what looks like a comment in a text is none, and no text hides one. */
const commented = (file: string, source: string): readonly string[] => {
  const pieces = piecesOf(source, languageOf(file) ?? expect.fail(`${file} has no language`));
  expect(pieces.map(({ text }) => text).join('')).toBe(source);
  return pieces.flatMap(({ kind, text }) => (kind === 'comment' ? (text.match(/\b(?:IN|OUT)\d?\b/g) ?? []) : []));
};

test.each<[what: string, file: string, source: string, found: readonly string[]]>([
  ['a heredoc of a shell', 'a.sh', "cat <<'EOF' # IN1\n# OUT\nEOF\n# IN2", ['IN1', 'IN2']],
  ['an indented heredoc', 'a.sh', 'cat <<-END\n\t# OUT\n\tEND\necho # IN', ['IN']],
  ['a shift of a shell, which ends nowhere', 'a.sh', 'echo $((x << y)) # IN1\n# IN2', ['IN1', 'IN2']],
  ['a here-string', 'a.sh', 'cat <<<word\n# IN\nword', ['IN']],
  ['a heredoc of Ruby', 'a.rb', 'x = <<~EOS\n  # OUT\nEOS\n# IN', ['IN']],
  ['an append of Ruby', 'a.rb', 'list << VALUE\n# IN', ['IN']],
  ['a block of Ruby', 'a.rb', '=begin\nIN1\n=end\na\n=begin\nIN2\n=end\nx=begin\nOUT\nend', ['IN1', 'IN2']],
  ['a heredoc of PHP', 'a.php', '<?php $a = <<<EOT\n// OUT\nEOT;\n// IN1\n?><!-- IN2 -->', ['IN1', 'IN2']],
  ['a heredoc of Terraform', 'a.tf', 'a = <<EOF\n# OUT\nEOF\nb = 1 // IN1\n/* IN2 */', ['IN1', 'IN2']],
  ['documentation of Perl', 'a.pl', 'my $a;\n=pod\nIN1\n=cut\n# IN2', ['IN1', 'IN2']],
  ['nested comments of Rust', 'a.rs', '/* IN1 /* IN2 */ IN3 */ let OUT = 1;', ['IN1', 'IN2', 'IN3']],
  ['a quotation mark as a character of Rust', 'a.rs', `let q = '"'; // IN1\nlet p = '\\"'; // IN2`, ['IN1', 'IN2']],
  ['raw strings of Rust', 'a.rs', 'let s = r#"a " // OUT "#; // IN1\nlet t = r"\\"; // IN2', ['IN1', 'IN2']],
  ['nested comments of Kotlin', 'a.kt', '/* IN1 /* IN2 */ IN3 */ val OUT = """ // OUT """', ['IN1', 'IN2', 'IN3']],
  ['comments of Java, which do not nest', 'A.java', '/* IN1 /* IN2 */ int OUT; /* IN3 */', ['IN1', 'IN2', 'IN3']],
  ['verbatim strings of C#', 'A.cs', 'a = @"c:\\"; // IN1\nb = $@"x ""\n// OUT "; // IN2', ['IN1', 'IN2']],
  ['raw strings of C#', 'A.cs', 'a = """ // OUT " """; // IN', ['IN']],
  ['apostrophes of Lua', 'a.lua', 's = "it\'s"\n-- IN1\n--[[ IN2\nIN3 ]]\nt = [[ -- OUT ]]', ['IN1', 'IN2', 'IN3']],
  ['names of Haskell', 'a.hs', "f' x = x -- IN1\n{- IN2 {- IN3 -} IN4 -}", ['IN1', 'IN2', 'IN3', 'IN4']],
  ['blocks of PowerShell', 'a.ps1', '<# IN1\nIN2 #>\n$a # IN3', ['IN1', 'IN2', 'IN3']],
  ['GraphQL', 'a.graphql', '# IN\ntype A { a: String }', ['IN']],
  ['a comment in a template', 'a.ts', 'a = `x ${f(/* IN1 */ { a: `// OUT ${1 /* IN2 */}` })} // OUT`; // IN3', ['IN1', 'IN2', 'IN3']],
  ['a brace in a text of a template', 'a.ts', 'a = `${f("}")} // OUT`; // IN', ['IN']],
  ['an apostrophe in a text of JSX', 'a.tsx', "a = <p>Don't</p>; // IN1\nb = <i>it's {/* IN2 */}</i>", ['IN1', 'IN2']],
  ['a backtick in a text of JSX', 'a.jsx', 'a = <p>the ` key</p>;\n// IN', ['IN']],
  ['slashes in a text of JSX', 'a.js', 'return (\n  <a href="//OUT">a // OUT <b>/* OUT */</b></a>\n) // IN', ['IN']],
  [
    'code in an element',
    'a.tsx',
    'a = <p a={() => 1 > 0 /* IN1 */} b="it\'s">{b ? <i>// OUT</i> : `// OUT ${<b>\'</b> /* IN2 */}`}</p> // IN3',
    ['IN1', 'IN2', 'IN3'],
  ],
  ['an element without end, and a fragment', 'a.tsx', 'a = <><img alt="\'" /> it\'s <br/></> // IN1\nb = <Foo /> // IN2', ['IN1', 'IN2']],
  ['a comment in a tag', 'a.tsx', "a = <p // IN1\n b /* IN2 */>it's // OUT</p>", ['IN1', 'IN2']],
  [
    'types that look like elements',
    'a.tsx',
    'const f = <T,>(x: T) => x; // IN1\nconst g = <T extends A>(x) => "\'"; // IN2\ntype H = <T>(x: T) => void; // IN3',
    ['IN1', 'IN2', 'IN3'],
  ],
  ['comparisons', 'a.js', "if (a < b && c > d) e(); // IN1\nfor (i = 0; i <n; i++) f('x') // IN2", ['IN1', 'IN2']],
  ['a cast of TypeScript', 'a.ts', "const a = <string>b; // IN1\nconst c = 'it'; // IN2", ['IN1', 'IN2']],
  ['elements that end nowhere', 'a.tsx', 'a = <p>// OUT\n// IN', ['OUT', 'IN']],
  ['a template that ends nowhere', 'a.ts', 'a = `// OUT ${b', []],
  ['texts of Kotlin', 'a.kt', 'val a = "${f("// OUT")} // OUT" // IN1\nval b = """${g("}")} // OUT""" // IN2', ['IN1', 'IN2']],
  ['texts of Groovy', 'a.groovy', 'a = "${f("// OUT")}" // IN', ['IN']],
  ['texts of Scala', 'a.scala', 'val a = s"${f("// OUT")}" // IN1\nval b = "${" // IN2', ['IN1', 'IN2']],
  ['texts of Dart', 'a.dart', "var a = '${f('// OUT')}'; // IN", ['IN']],
  ['texts of Swift', 'a.swift', 'let a = "\\(f(("// OUT"))) // OUT" // IN', ['IN']],
  ['texts of C# with code', 'A.cs', 'a = $"{f("// OUT")} {{ // OUT"; // IN1\nb = $@"{g("}")} // OUT"; // IN2', ['IN1', 'IN2']],
  [
    'texts of Python with code',
    'a.py',
    'a = f"{d["# OUT"]:#x} {{ # OUT" # IN1\nb = rf\'{x}\' # IN2\nif"# OUT": pass # IN3',
    ['IN1', 'IN2', 'IN3'],
  ],
  [
    'commands in texts of a shell',
    'a.sh',
    'a="$(b "x # OUT")\n# OUT" # IN1\nc=\'\\\' # IN2\nd="${e#*.} # OUT" # IN3',
    ['IN1', 'IN2', 'IN3'],
  ],
  [
    'texts of Ruby',
    'a.rb',
    'a = "#{b("# OUT")} # OUT" # IN1\nc = %w[a # OUT\n b] # IN2\nputs %q(it (\'s) # OUT) # IN3',
    ['IN1', 'IN2', 'IN3'],
  ],
  ['a division of Ruby', 'a.rb', 'a = b %(c) # IN1\nd = e % f # IN2', ['IN1', 'IN2']],
  ['texts of Perl', 'a.pl', 'my $a = q{it # OUT}; # IN1\nmy $b = $q{x}; # IN2', ['IN1', 'IN2']],
  [
    'a page around PHP',
    'a.php',
    "<p>it's // OUT # OUT</p><!-- IN1 --><?php // IN2 ?> # OUT <?= 'a ?>' /* IN3 */ ?>// OUT",
    ['IN1', 'IN2', 'IN3'],
  ],
  ['a page of PHP without code', 'a.php', '<a>// OUT</a>', []],
  [
    'a component of Vue',
    'a.vue',
    "<template><p>it's // OUT</p><!-- IN1 --></template>\n<script setup>\nconst a = '</b>'; // IN2\n</script>\n<style>/* IN3 */</style>",
    ['IN1', 'IN2', 'IN3'],
  ],
  ['a component of Svelte', 'a.svelte', '<script lang="ts">\n// IN1\n</script>\n<p>// OUT</p><!-- IN2 -->', ['IN1', 'IN2']],
  ['a page of Astro', 'a.astro', '---\n// IN1\n---\n<p>// OUT</p><script>/* IN2 */</script>', ['IN1', 'IN2']],
  ['a page with a script', 'a.html', '<p>// OUT</p><script>// IN</script>', ['IN']],
  ['an ini file', 'a.ini', "; IN1\na = it's\n# IN2", ['IN1', 'IN2']],
])('%s', (_what, file, source, found) => {
  expect(commented(file, source)).toEqual(found);
});

test('many shifts in a large file take no longer than it is long', () => {
  const source = 'x << y\n'.repeat(200_000);
  const began = performance.now();
  expect(commented('a.sh', source)).toEqual([]);
  expect(performance.now() - began).toBeLessThan(5000);
});
