-- AlterEnum
ALTER TYPE "QuestionStatus" ADD VALUE 'REJECTED';
ALTER TYPE "QuestionStatus" ADD VALUE 'MERGED';
ALTER TYPE "QuestionStatus" ADD VALUE 'DELETED';

-- AlterTable
ALTER TABLE "questions" ADD COLUMN     "merged_into_id" TEXT,
ADD COLUMN     "published_at" TIMESTAMPTZ(3),
ADD COLUMN     "rejection_reason" TEXT;

-- Before there was approval every question was public at once.
UPDATE "questions" SET "published_at" = "created_at";
