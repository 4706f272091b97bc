-- Whoever came in by a provider alone is kept, with an address that reaches nobody and the hash of a password that nobody knows.
UPDATE "users" SET "email" = "id" || '@users.invalid' WHERE "email" IS NULL;
UPDATE "users" SET "password_hash" = '$argon2id$v=19$m=19456,t=2,p=1$cikOmP+7fUtvCVkFvoRemA$tWjI9OPyhws+v7KiJeHPrs2XJuB6/jNF4guLRPZt4Q4'
WHERE "password_hash" IS NULL;

-- DropForeignKey
ALTER TABLE "identities" DROP CONSTRAINT "identities_user_id_fkey";

-- DropForeignKey
ALTER TABLE "sign_in_codes" DROP CONSTRAINT "sign_in_codes_user_id_fkey";

-- AlterTable
ALTER TABLE "users" DROP COLUMN "email_verified_at",
DROP COLUMN "profile_completed_at",
ALTER COLUMN "email" SET NOT NULL,
ALTER COLUMN "password_hash" SET NOT NULL;

-- DropTable
DROP TABLE "identities";

-- DropTable
DROP TABLE "sign_in_flows";

-- DropTable
DROP TABLE "sign_in_codes";
