-- DropTable
DROP TABLE "collaboration_items";
DROP FUNCTION "works_in_session"(text, boolean);

-- DropEnum
DROP TYPE "CollaborationList";
