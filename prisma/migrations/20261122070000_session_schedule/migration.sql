-- CreateEnum
CREATE TYPE "PresentingRule" AS ENUM ('PRESENTERS', 'EVERYONE');

-- AlterEnum
ALTER TYPE "LeaveReason" ADD VALUE 'deleted';

-- DropIndex
DROP INDEX "sessions_host_id_created_at_id_idx";

-- DropIndex
DROP INDEX "sessions_organization_id_created_at_id_idx";

-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "client_digest" TEXT,
ADD COLUMN     "client_id" TEXT,
ADD COLUMN     "deleted_at" TIMESTAMPTZ(3),
ADD COLUMN     "metadata" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "metadata_version" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "notes" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "notes_updated_at" TIMESTAMPTZ(3),
ADD COLUMN     "notes_version" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "paused_at" TIMESTAMPTZ(3),
ADD COLUMN     "paused_ms" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "presenting" "PresentingRule" NOT NULL DEFAULT 'PRESENTERS',
ADD COLUMN     "scheduled_end_at" TIMESTAMPTZ(3),
ADD COLUMN     "time_zone" TEXT;

-- CreateIndex
CREATE INDEX "sessions_organization_id_created_at_id_idx" ON "sessions"("organization_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "sessions_host_id_created_at_id_idx" ON "sessions"("host_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "sessions_organization_id_scheduled_for_id_idx" ON "sessions"("organization_id", "scheduled_for", "id");

-- CreateIndex
CREATE INDEX "sessions_host_id_scheduled_for_id_idx" ON "sessions"("host_id", "scheduled_for", "id");

-- CreateIndex
CREATE INDEX "sessions_organization_id_status_idx" ON "sessions"("organization_id", "status");

-- CreateIndex
CREATE UNIQUE INDEX "sessions_host_id_client_id_key" ON "sessions"("host_id", "client_id");

-- A call with a time has an end, as if it were planned for an hour.
UPDATE "sessions" SET "scheduled_end_at" = "scheduled_for" + interval '1 hour' WHERE "kind" = 'CALL' AND "scheduled_for" IS NOT NULL;

-- Nobody advises in two calls at one time. An index of ranges alone tells overlaps, so the advisor stands in it as a range from their id to
-- their id: a type of ours in place of the extension btree_gist, which not every server may load. Calls booked twice before stay, unguarded.
CREATE TYPE "textrange" AS RANGE (subtype = text, collation = "C");

ALTER TABLE "sessions" ADD COLUMN "booking_guarded" BOOLEAN NOT NULL DEFAULT true;
UPDATE "sessions" SET "booking_guarded" = false WHERE "kind" = 'CALL' AND "scheduled_for" IS NOT NULL AND EXISTS (
  SELECT FROM "sessions" other WHERE other."id" < "sessions"."id" AND other."advisor_id" = "sessions"."advisor_id" AND other."scheduled_for" IS NOT NULL
  AND other."status" IN ('SCHEDULED', 'LIVE', 'PAUSED')
  AND tstzrange(other."scheduled_for", other."scheduled_end_at") && tstzrange("sessions"."scheduled_for", "sessions"."scheduled_end_at"));

ALTER TABLE "sessions" ADD CONSTRAINT "sessions_advisor_booked" EXCLUDE USING gist (
  textrange("advisor_id", "advisor_id", '[]') WITH &&, tstzrange("scheduled_for", "scheduled_end_at") WITH &&
) WHERE ("booking_guarded" AND "advisor_id" IS NOT NULL AND "scheduled_for" IS NOT NULL AND "deleted_at" IS NULL
  AND "status" IN ('SCHEDULED', 'LIVE', 'PAUSED'));
