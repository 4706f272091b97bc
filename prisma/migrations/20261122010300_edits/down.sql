-- DropTable
DROP TABLE "message_edits";
