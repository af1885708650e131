import { changedClaims } from './changed-claims.ts';
import { databaseFaults } from './database.ts';
import { failingCall } from './failing-call.ts';
import type { Fault } from './fault.ts';
import { filesWhileStopped } from './files-while-stopped.ts';
import { fullDisk } from './full-disk.ts';
import { hostileContent } from './hostile-content.ts';
import { hostileEntries } from './hostile-entries.ts';
import { killAtCall } from './kill-at-call.ts';
import { limitsFault } from './limits.ts';
import { lostEvents } from './lost-events.ts';
import { badLine, byteCuts, commitCuts } from './network.ts';
import { oddProducers } from './odd-producers.ts';
import { outage } from './outage.ts';
import { poison } from './poison.ts';
import { powerLoss } from './power-loss.ts';
import { randomKill } from './random-kill.ts';
import { recoverySpeed } from './recovery-speed.ts';
import { repeatedDrops } from './repeated-drops.ts';
import { writeModeFaults } from './write-modes.ts';

/** Every fault, by the name that `npm run faults -- --only` takes. */
export const allFaults: Readonly<Record<string, Fault>> = {
  'kill-at-call': killAtCall,
  'random-kill': randomKill,
  'repeated-drops': repeatedDrops,
  'power-loss': powerLoss,
  'failing-call': failingCall,
  'full-disk': fullDisk,
  'commit-cuts': commitCuts,
  'byte-cuts': byteCuts,
  'bad-line': badLine,
  ...writeModeFaults,
  database: databaseFaults,
  'odd-producers': oddProducers,
  'hostile-entries': hostileEntries,
  'hostile-content': hostileContent,
  outage,
  'recovery-speed': recoverySpeed,
  poison,
  limits: limitsFault,
  'changed-claims': changedClaims,
  'lost-events': lostEvents,
  'files-while-stopped': filesWhileStopped,
};
