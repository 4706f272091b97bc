-- CreateEnum
CREATE TYPE "SessionEndReason" AS ENUM ('REQUESTED', 'ORPHANED');

-- CreateEnum
CREATE TYPE "LeaveReason" AS ENUM ('left', 'removed', 'ended');

-- AlterTable
ALTER TABLE "attendees" ADD COLUMN     "leave_reason" "LeaveReason";

-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "deserted_since" TIMESTAMPTZ(3),
ADD COLUMN     "end_reason" "SessionEndReason";

-- Whoever was still PRESENT in a session that is over has left with its end, and their seats are free.
UPDATE "attendees" SET "leave_reason" = 'left' WHERE "status" = 'LEFT';
UPDATE "attendees" SET "leave_reason" = 'removed' WHERE "status" = 'REMOVED' AND "left_at" IS NOT NULL;
UPDATE "attendees" SET "status" = 'LEFT', "left_at" = "sessions"."ended_at", "leave_reason" = 'ended', "hand_raised" = false
FROM "sessions"
WHERE "sessions"."id" = "attendees"."session_id" AND "sessions"."status" IN ('COMPLETED', 'CANCELLED') AND "attendees"."status" = 'PRESENT';
UPDATE "sessions" SET "attendee_count" = 0 WHERE "status" IN ('COMPLETED', 'CANCELLED');
UPDATE "sessions" SET "end_reason" = 'REQUESTED' WHERE "status" = 'COMPLETED';

-- From here on: what Prisma's schema cannot express.

-- The search for orphans reads all sessions under way, and never the others.
CREATE INDEX "sessions_under_way_idx" ON "sessions"("id") WHERE "status" IN ('LIVE', 'PAUSED');
