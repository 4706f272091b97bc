ALTER TABLE "questions" DROP COLUMN "held_for", DROP COLUMN "shadowed";
DROP TABLE "content_policies";
DROP TYPE "LinkPolicy";
DROP TYPE "ContentRule";
