import { crc32, gzipSync } from 'node:zlib';
import { Zstd } from '@hpcc-js/wasm-zstd';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ZipForm, type ZipMember, zipArchive } from '../../support/zip-archive.ts';
import { decode } from './decoding.ts';

const zstd = await Zstd.load();
const csv = Buffer.from(
  `id;name\n${Array.from({ length: 50_000 }, (_, i) => `${i};${(i * 7919) % 1009}\n`).join('')}`,
);

/** `id;name`, and 40 times `1;a` and `2;b`, with a checksum (node:zlib of Node 24.21). */
const checked = '28b52ffd644800b500007869643b6e616d650a313b610a323b62010036534b1dad2d94e5';

const packers: [name: string, pack: (content: Uint8Array) => Uint8Array][] = [
  ['a.csv.gz', gzipSync],
  ['a.csv.zst', (content) => zstd.compress(content, 3)],
  ['a.zip', (content) => zipArchive([{ name: 'a.csv', content }])],
];

async function refusal(name: string, content: Uint8Array): Promise<string> {
  const { problem } = await decode(name, content);
  expect(problem).toMatchObject({ rule: 'container', line: 0, column: null, value: null });
  return `${problem!.message} ${problem!.hint}`;
}

describe.each(packers)('%s', (name, pack) => {
  test('is unpacked', async () => {
    const { bytes, problem } = await decode(name, pack(csv));
    expect(problem).toBeNull();
    expect(bytes?.equals(csv)).toBe(true);
    expect((await decode(name, pack(Buffer.alloc(0)))).bytes?.length).toBe(0);
  });

  test('of any content is unpacked', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat(2000), async (part, times) => {
        // A mark would make other bytes of it.
        const content = Buffer.concat([
          Buffer.from('aaaa'),
          ...Array.from({ length: times }, () => part),
        ]);
        expect((await decode(name, pack(content))).bytes?.equals(content)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test('that is cut off anywhere is refused', async () => {
    const packed = pack(csv);
    for (const length of [
      1,
      3,
      10,
      30,
      1000,
      packed.length >> 1,
      packed.length - 9,
      packed.length - 1,
    ]) {
      expect(await refusal(name, packed.subarray(0, length))).toMatch(/Send (it|the file) again/);
    }
  });

  test('of which a byte is changed never gives another content', async () => {
    const packed = pack(csv);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(packed.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (at, bits) => {
          const changed = Uint8Array.from(packed);
          changed[at]! ^= bits;
          const { bytes } = await decode(name, changed);
          // Without a checksum zstd cannot tell; names and times in headers do not matter.
          if (!name.endsWith('.zst')) expect(bytes === null || bytes.equals(csv)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('with something behind its end is refused', async () => {
    for (const more of ['x', '\0\0\0\0', 'id;name\n1;a\n']) {
      await refusal(name, Buffer.concat([pack(csv), Buffer.from(more)]));
    }
  });

  test('that is plain text is refused, and so is an empty file', async () => {
    expect(await refusal(name, csv)).toContain('if it is plain text, drop it without');
    expect(await refusal(name, Buffer.alloc(0))).toContain('The file is empty.');
  });

  test('holds text in UTF-16, or in the encoding of the dataset', async () => {
    const utf16 = Buffer.from('\uFEFFid;é\n', 'utf16le');
    expect((await decode(name, pack(utf16))).bytes?.toString()).toBe('\uFEFFid;é\n');
    const latin = Buffer.from('id;é\n', 'latin1');
    expect((await decode(name, pack(latin), 'iso-8859-1')).bytes?.toString()).toBe('\uFEFFid;é\n');
  });

  test('that is a bomb ends at its first bytes', async () => {
    const zeros = Buffer.alloc(160 << 20);
    const { problem, written } = await decode(name, pack(zeros));
    expect(problem).toMatchObject({ rule: 'container' });
    expect(problem?.message).toContain('500 times as large');
    expect(problem?.hint).toContain('convert.unpacked_ratio_max');
    expect(written).toBeLessThan(70 << 20);
  });

  test('that becomes larger than it may is refused', async () => {
    const { problem, written } = await decode(name, pack(csv), 'utf-8', { bytesMax: 100_000 });
    expect(problem?.message).toContain('more than 100,000 bytes');
    expect(problem?.hint).toContain('convert.unpacked_bytes_max');
    expect(written).toBeLessThanOrEqual(100_000);
  });
});

describe('gzip', () => {
  test('of several members is their content, one behind the other, wherever the chunks end', async () => {
    const members = Array.from({ length: 200 }, (_, i) => Buffer.from(`${i},`.repeat(i * 13)));
    const packed = Buffer.concat(members.map((member) => gzipSync(member)));
    expect((await decode('a.gz', packed)).bytes?.equals(Buffer.concat(members))).toBe(true);
  });

  test('with zeros between its members is refused, because what follows them would be lost', async () => {
    const packed = Buffer.concat([gzipSync(csv), Buffer.alloc(8), gzipSync(csv)]);
    expect(await refusal('a.csv.gz', packed)).toContain('behind the end');
  });
});

describe('zstd', () => {
  test('of several frames is their content, those to be skipped left out', async () => {
    const frame = zstd.compress(csv, 3);
    const skipped = Buffer.from('502a4d180400000001020304', 'hex');
    const packed = Buffer.concat([skipped, frame, skipped, frame, frame, skipped]);
    const { bytes } = await decode('a.csv.zst', packed);
    expect(bytes?.equals(Buffer.concat([csv, csv, csv]))).toBe(true);
  });

  test('whose checksum differs is refused', async () => {
    const packed = Buffer.from(checked, 'hex');
    const { bytes } = await decode('a.csv.zst', packed);
    expect(bytes?.toString()).toBe(`id;name\n${'1;a\n2;b\n'.repeat(40)}`);
    packed[packed.length - 1]! ^= 1;
    expect(await refusal('a.csv.zst', packed)).toContain('damaged');
  });

  test('with a window of more than 128 MiB is refused, because it would take as much memory', async () => {
    const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 18 << 3, 0x01, 0, 0]);
    expect(await refusal('a.csv.zst', header)).toContain('128 MiB');
  });
});

describe('zip', () => {
  const file: ZipMember = { name: 'a.csv', content: csv };
  const refused: [why: string, members: ZipMember[], form: ZipForm, said: string][] = [
    ['no file', [], {}, 'holds no file'],
    ['a folder only', [{ name: 'a/', method: 0 }], {}, 'holds no file'],
    ['two files', [file, { name: 'b.csv', content: 'b' }], {}, 'holds 2 files'],
    ['an encrypted file', [{ ...file, encrypted: true }], {}, 'is encrypted'],
    [
      'a file in a folder',
      [{ ...file, name: 'data/a.csv' }],
      {},
      'lies in a folder ("data/a.csv")',
    ],
    ['a name that leads out', [{ ...file, name: '../../etc/a.csv' }], {}, 'lies in a folder'],
    ['a name that leads out, in Windows', [{ ...file, name: '..\\a.csv' }], {}, 'lies in a folder'],
    ['an archive in it', [{ ...file, name: 'a.csv.gz' }], {}, 'packed once more'],
    ['another method', [{ ...file, method: 12 }], {}, 'number 12'],
    ['another checksum', [{ ...file, crc32: 1 }], {}, 'checksum'],
    ['a smaller size', [{ ...file, bytes: csv.length - 1 }], {}, 'another size'],
    ['a larger size', [{ ...file, bytes: csv.length + 1 }], {}, 'another size'],
    ['an entry that is elsewhere', [{ ...file, shift: 7 }], {}, 'not where its directory says'],
    ['an entry beyond its end', [{ ...file, shift: 1e9 }], {}, 'not where its directory says'],
    [
      'so many files that they are not counted',
      Array.from({ length: 30_000 }, (_, i) => ({ name: `${i}.csv`, method: 0 as const })),
      {},
      'many files',
    ],
  ];
  test.each(refused)('with %s is refused', async (_, members, form, said) => {
    expect(await refusal('a.zip', zipArchive(members, form))).toContain(said);
  });

  test.each<[string, ZipMember[], ZipForm]>([
    ['stored', [{ ...file, method: 0 }], {}],
    ['with a comment', [file], { comment: 'made by hand' }],
    ['with sizes of 64 bits', [file], { zip64: true }],
    [
      'with folders and what macOS adds',
      [
        { name: 'x/', method: 0 },
        file,
        { name: '__MACOSX/._a.csv', content: 'x' },
        { name: '.DS_Store', content: 'x' },
      ],
      {},
    ],
  ])('%s is read', async (_, members, form) => {
    const { bytes, problem } = await decode('a.zip', zipArchive(members, form));
    expect(problem).toBeNull();
    expect(bytes?.equals(csv)).toBe(true);
  });

  test('an archive with bytes before its entries, as one that extracts itself, is refused', async () => {
    expect(
      await refusal('a.zip', Buffer.concat([Buffer.from('MZ'), zipArchive([file])])),
    ).toContain('not where it should be');
  });

  test('the checksum of what is stored is that of its content', async () => {
    const good = { name: 'a.csv', content: 'aaaa', method: 0, crc32: crc32('aaaa') } as const;
    expect((await decode('a.zip', zipArchive([good]))).bytes?.toString()).toBe('aaaa');
  });
});
