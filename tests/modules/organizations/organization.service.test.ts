import { ANONYMOUS } from '../../../src/lib/viewer';
import { openTestDatabase, testBackends } from '../../support/databases';
import type { TestDatabase } from '../../support/databases';
import { refused } from '../refused';
import type { Rooms } from '../rooms';
import { createRooms } from '../rooms';

describe.each(testBackends())('organizations on %s', (kind) => {
  let opened: TestDatabase;
  let rooms: Rooms;

  beforeAll(async () => {
    opened = await openTestDatabase(kind);
    rooms = createRooms(opened.database);
  });
  afterAll(async () => {
    await rooms.kernel.close();
    await opened.drop();
  });

  it('shows an organization to its members only', async () => {
    const [ada, eve] = [await rooms.user('Ada'), await rooms.user('Eve')];
    const [organization] = await rooms.organizations.listOf(ada.userId);
    const id = organization?.id ?? '';
    expect(await rooms.organizations.findFor(ada, id)).toMatchObject({ id, name: 'Ada' });
    expect(await rooms.organizations.findFor(eve, id)).toBeNull();
    expect(await rooms.organizations.findFor(ANONYMOUS, id)).toBeNull();
    expect(await rooms.organizations.findFor(ada, 'org_nonsense')).toBeNull();
    expect(await rooms.organizations.roleOf(opened.database.as([ada.userId]), ada, id)).toBe('OWNER');
    expect(await rooms.organizations.roleOf(opened.database.as([eve.userId]), eve, id)).toBeNull();
  });

  it('has no home for somebody without a membership', async () => {
    const nobody = { ...(await rooms.user()), userId: 'usr_nobody' };
    await expect(rooms.organizations.requireHome(opened.database, nobody)).rejects.toMatchObject(
      refused('FAILED_PRECONDITION', 'NO_ORGANIZATION'),
    );
  });
});
