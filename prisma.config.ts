import { defineConfig } from 'prisma/config';

/** For Prisma's own CLI. Parley's commands (`npm run db:…`) do not need it and download nothing. */
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? '' },
});
