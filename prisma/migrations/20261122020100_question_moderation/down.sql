-- AlterEnum: to those who do not know the later statuses such a question is hidden.
CREATE TYPE "QuestionStatus_new" AS ENUM ('PENDING', 'OPEN', 'ANSWERED', 'HIDDEN', 'WITHDRAWN');
ALTER TABLE "questions" ALTER COLUMN "status" TYPE "QuestionStatus_new" USING (
  CASE WHEN "status"::text IN ('REJECTED', 'MERGED', 'DELETED') THEN 'HIDDEN' ELSE "status"::text END::"QuestionStatus_new"
);
ALTER TYPE "QuestionStatus" RENAME TO "QuestionStatus_old";
ALTER TYPE "QuestionStatus_new" RENAME TO "QuestionStatus";
DROP TYPE "QuestionStatus_old";

-- AlterTable
ALTER TABLE "questions" DROP COLUMN "merged_into_id",
DROP COLUMN "published_at",
DROP COLUMN "rejection_reason";
