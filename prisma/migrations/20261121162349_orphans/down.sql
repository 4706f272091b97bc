-- Whoever left with the end of a session was PRESENT ever after.
UPDATE "attendees" SET "status" = 'PRESENT', "left_at" = NULL WHERE "leave_reason" = 'ended' AND "status" = 'LEFT';
UPDATE "sessions" SET "attendee_count" = "present"."seats"
FROM (SELECT "session_id", count(*) AS "seats" FROM "attendees" WHERE "status" = 'PRESENT' AND "role" <> 'HOST' GROUP BY 1) AS "present"
WHERE "present"."session_id" = "sessions"."id" AND "sessions"."status" IN ('COMPLETED', 'CANCELLED');

-- DropIndex
DROP INDEX "sessions_under_way_idx";

-- AlterTable
ALTER TABLE "sessions" DROP COLUMN "deserted_since",
DROP COLUMN "end_reason";

-- AlterTable
ALTER TABLE "attendees" DROP COLUMN "leave_reason";

-- DropEnum
DROP TYPE "SessionEndReason";

-- DropEnum
DROP TYPE "LeaveReason";
