-- Policies go with their tables.
DROP TABLE "message_mentions";

-- AlterTable
ALTER TABLE "messages" DROP COLUMN "mentions";
