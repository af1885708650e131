import { expect, test } from 'vitest';
import { htmlText } from '../../../src/core/html-text.ts';

test('signs of HTML are text, also inside an attribute', () => {
  expect(htmlText(`<a href="x" id='y'>&amp;`)).toBe(
    '&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;',
  );
});

test('what cannot be seen is shown, and the usual space stays', () => {
  expect(htmlText('a b\u00a0c\u3000d\u202ee\n')).toBe('a b\\u{a0}c\\u{3000}d\\u{202e}e\\n');
});
