-- DropTable
DROP TABLE "blocks";
