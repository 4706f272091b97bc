-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "anonymous_questions" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN     "question_approval" BOOLEAN NOT NULL DEFAULT false;
