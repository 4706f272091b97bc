-- DropForeignKey
ALTER TABLE "api_keys" DROP CONSTRAINT "api_keys_organization_id_fkey";

-- DropForeignKey
ALTER TABLE "api_keys" DROP CONSTRAINT "api_keys_maker_id_fkey";

-- AlterTable
ALTER TABLE "users" DROP COLUMN "sign_in_epoch",
DROP COLUMN "suspended_at";

-- DropTable
DROP TABLE "api_keys";
