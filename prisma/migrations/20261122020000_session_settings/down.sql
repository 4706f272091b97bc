-- AlterTable
ALTER TABLE "sessions" DROP COLUMN "anonymous_questions",
DROP COLUMN "question_approval";
