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
