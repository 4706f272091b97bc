-- CreateEnum
CREATE TYPE "ReportReason" AS ENUM ('SPAM', 'ABUSE', 'OFF_TOPIC', 'OTHER');

-- CreateTable
CREATE TABLE "question_reports" (
    "question_id" TEXT NOT NULL,
    "attendee_id" TEXT NOT NULL,
    "session_id" TEXT NOT NULL,
    "reason" "ReportReason" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "dismissed_at" TIMESTAMPTZ(3),

    CONSTRAINT "question_reports_pkey" PRIMARY KEY ("question_id","attendee_id")
);

-- CreateIndex
CREATE INDEX "question_reports_session_id_question_id_idx" ON "question_reports"("session_id", "question_id");

-- AddForeignKey
ALTER TABLE "question_reports" ADD CONSTRAINT "question_reports_question_id_fkey" FOREIGN KEY ("question_id") REFERENCES "questions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What waits for approval, longest first.
CREATE INDEX "questions_queue_idx" ON "questions"("session_id", "created_at", "id") WHERE "status" = 'PENDING';

-- What was done in a session, newest first.
CREATE INDEX "audit_entries_session_idx" ON "audit_entries"(("details"->>'sessionId'), "at" DESC, "id" DESC) WHERE ("details"->>'sessionId') IS NOT NULL;
