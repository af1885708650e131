import fc from 'fast-check';

const atom = fc.constantFrom(
  ...[
    'a',
    'b',
    'é',
    '😀',
    '.',
    '[ab]',
    '[^a]',
    '[a-c€]',
    '\\d',
    '\\W',
    '\\s',
    '\\S',
    '\\.',
    '\\u{1F600}',
    '()',
    '\\x61',
  ],
);
const times = fc.constantFrom('', '', '', '*', '+', '?', '*?', '{2}', '{0,2}', '{1,}', '{0}');
/** Patterns of all that there is in them. */
export const { pattern: anyPattern } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
  part: fc.oneof(
    // Deeper ones can take the oracle minutes: it tries one way after the other.
    { maxDepth: 2 },
    fc.tuple(atom, times).map(([one, many]) => one + many),
    fc.tuple(tie('pattern'), times).map(([inner, many]) => `(${inner})${many}`),
  ),
  pattern: fc
    .array(fc.array(tie('part'), { maxLength: 3 }), { minLength: 1, maxLength: 2 })
    .map((choices) => choices.map((parts) => parts.join('')).join('|')),
}));
