import { idKind } from '../../lib/ids';
import type { Database, Db } from '../../persistence/database';
import type { NewUser, UserCredentials, UserRecord, UserRepository } from './user.repository';
import { emailTaken } from './user.errors';

export const userIds = idKind('usr');

export class UserService {
  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
  ) {}

  async create(db: Db, profile: Omit<NewUser, 'id'>): Promise<UserRecord> {
    const user = await this.users.insert(db, { id: userIds.create(), ...profile });
    if (user === null) throw emailTaken();
    return user;
  }

  find(db: Db, id: string): Promise<UserRecord | null> {
    return userIds.is(id) ? this.users.find(db, id) : Promise.resolve(null);
  }

  /** In no order; ids that nobody has are left out. */
  listByIds(ids: readonly string[]): Promise<UserRecord[]> {
    return this.users.listByIds(this.database, ids);
  }

  findCredentials(email: string): Promise<UserCredentials | null> {
    return this.users.findCredentials(this.database, email);
  }
}
