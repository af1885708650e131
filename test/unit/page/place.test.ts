import { expect, test } from 'vitest';
import { placeUrl, readPlace } from '../../../src/page/place.ts';

test('a place is read from what its address says, whatever stands in a word', () => {
  for (const words of [['file', 'a/b c#?%.csv'], ['log'], ['file', 'größe 100%.csv', 'x']]) {
    const { view, words: rest } = readPlace(placeUrl(words, { from: 'log' }));
    expect([view, ...rest]).toEqual(words);
  }
  expect(readPlace(placeUrl(['log'], { search: 'a=b&c' })).query.get('search')).toBe('a=b&c');
});

test('no address, and one that nobody has made, are places too', () => {
  expect(readPlace('')).toMatchObject({ view: '', words: [] });
  expect(readPlace('#/')).toMatchObject({ view: '', words: [] });
  expect(readPlace('#/file/%E0%A4')).toMatchObject({ view: 'file', words: ['%E0%A4'] });
});

test('what is empty does not stand in an address', () => {
  expect(placeUrl([], { search: '' })).toBe('#/');
});
