-- AlterTable
ALTER TABLE "sessions" DROP COLUMN "media_mode";

-- DropEnum
DROP TYPE "MediaMode";
