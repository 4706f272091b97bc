-- AlterTable
ALTER TABLE "users" DROP COLUMN "platform_role";

-- DropTable
DROP TABLE "audit_entries";
DROP FUNCTION "refuse_change"();

-- DropEnum
DROP TYPE "PlatformRole";
