import fc from 'fast-check';
import { LIFECYCLE, LIVE_STATUSES, OPEN_STATUSES, statusAfter } from '../../../src/modules/sessions/session.lifecycle';
import type { LifecycleCommand } from '../../../src/modules/sessions/session.lifecycle';
import { SessionStatus } from '../../../src/modules/sessions/session.repository';

const commands = Object.keys(LIFECYCLE) as LifecycleCommand[];
const statuses = Object.values(SessionStatus);

describe('session lifecycle', () => {
  it('allows exactly the transitions of the drawing', () => {
    const legal = statuses.flatMap((from) =>
      commands.map((command) => [from, command, statusAfter(from, command)]).filter(([, , to]) => to !== null),
    );
    expect(legal).toEqual([
      ['SCHEDULED', 'start', 'LIVE'],
      ['SCHEDULED', 'cancel', 'CANCELLED'],
      ['LIVE', 'pause', 'PAUSED'],
      ['LIVE', 'end', 'COMPLETED'],
      ['PAUSED', 'resume', 'LIVE'],
      ['PAUSED', 'end', 'COMPLETED'],
    ]);
  });

  it('never leaves COMPLETED or CANCELLED, and is open and live only before', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...commands), { maxLength: 20 }), (sequence) => {
        let status: SessionStatus = 'SCHEDULED';
        for (const command of sequence) {
          const next = statusAfter(status, command);
          if (!OPEN_STATUSES.includes(status)) expect(next).toBeNull();
          status = next ?? status;
        }
        if (LIVE_STATUSES.includes(status)) expect(OPEN_STATUSES).toContain(status);
      }),
      { numRuns: 1_000 },
    );
  });
});
