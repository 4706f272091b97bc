-- DropIndex
DROP INDEX "audit_entries_session_idx";

-- DropIndex
DROP INDEX "questions_queue_idx";

-- DropForeignKey
ALTER TABLE "question_reports" DROP CONSTRAINT "question_reports_question_id_fkey";

-- DropTable
DROP TABLE "question_reports";

-- DropEnum
DROP TYPE "ReportReason";
