import { dropTestTemplates } from './databases';

/** The migrated template databases are made once per run and shared by its workers; nobody else may end them. */
export default async function teardown(): Promise<void> {
  await dropTestTemplates();
}
