import { openTestDatabase, testBackends } from '../../support/databases';
import { by } from '../by';
import { refused } from '../refused';
import { setStage } from '../stage';

describe.each(testBackends())('presenting on %s', (kind) => {
  it('is for the host and presenters, or for everybody where the session lets them', async () => {
    const { database, drop } = await openTestDatabase(kind);
    const stage = setStage(database);
    const { host, session } = await stage.live();
    const guest = await stage.guest(session);
    const to = (await stage.attendance.require(database, host, session.id)).id;
    const share = (to?: string): Promise<boolean> =>
      stage.signaling.send(guest, { sessionId: session.id, to, type: 'SCREEN_SHARE_STARTED', payload: {} });
    await expect(share(to)).rejects.toMatchObject(refused('FORBIDDEN', 'NOT_PRESENTING'));
    await stage.signaling.send(guest, { sessionId: session.id, to, type: 'SCREEN_SHARE_STOPPED', payload: {} });
    await stage.sessions.update(by(host), session.id, { presenting: 'EVERYONE' });
    await share(to);
    await share();
    await stage.kernel.close();
    await drop();
  });
});
