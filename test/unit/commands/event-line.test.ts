import { expect, test } from 'vitest';
import { wantsColour } from '../../../src/commands/event-line.ts';

test.each([
  ['a terminal', true, {}, true],
  ['a file or a pipe', false, {}, false],
  ['a terminal that cannot', true, { TERM: 'dumb' }, false],
  ['a terminal with NO_COLOR', true, { NO_COLOR: '1' }, false],
  ['a terminal with an empty NO_COLOR, which says nothing', true, { NO_COLOR: '' }, true],
  ['a pipe with FORCE_COLOR', false, { FORCE_COLOR: '1' }, true],
  ['a terminal with FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false],
  ['both, of which FORCE_COLOR is the stronger', false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
])('%s: colours or not', (_, isTerminal, environment, expected) => {
  expect(wantsColour(isTerminal, environment)).toBe(expected);
});
