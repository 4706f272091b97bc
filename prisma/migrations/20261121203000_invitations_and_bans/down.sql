-- DropForeignKey
ALTER TABLE "invitations" DROP CONSTRAINT "invitations_organization_id_fkey";

-- DropIndex
DROP INDEX "memberships_organization_id_created_at_user_id_idx";

-- AlterTable
ALTER TABLE "attendees" DROP COLUMN "banned";

-- DropTable
DROP TABLE "invitations";
