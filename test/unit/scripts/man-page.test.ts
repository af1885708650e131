import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { manPage } from '../../../scripts/man-page.ts';
import { buildProgram } from '../../../src/commands/program.ts';
import { isHere } from '../../support/program-here.ts';

test.skipIf(!isHere('groff', '--version'))(
  'groff has nothing to warn of, and shows every command and option',
  () => {
    const words = ['-man', '-ww', '-Tascii', '-P-cbou', '-rLL=200n'];
    const { status, stdout, stderr } = spawnSync('groff', words, { input: manPage() });
    expect(stderr.toString()).toBe('');
    expect(status).toBe(0);
    const shown = stdout.toString();
    for (const command of buildProgram(() => undefined).commands) {
      expect(shown).toContain(`csv-hopper ${command.name()}`);
      for (const { flags } of command.options) expect(shown).toContain(flags);
    }
  },
);
