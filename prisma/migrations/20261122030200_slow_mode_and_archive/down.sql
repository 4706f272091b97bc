-- DropIndex
DROP INDEX "messages_channel_id_created_at_idx";

-- Policies go with their tables.
DROP TABLE "slow_mode_turns";

-- AlterTable
ALTER TABLE "sessions" DROP COLUMN "chat_enabled",
DROP COLUMN "slow_mode_seconds";

-- AlterTable
ALTER TABLE "channels" DROP COLUMN "archived_at",
DROP COLUMN "open_since",
DROP COLUMN "slow_mode_seconds";
