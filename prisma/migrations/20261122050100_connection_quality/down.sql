-- DropForeignKey
ALTER TABLE "connection_qualities" DROP CONSTRAINT "connection_qualities_session_id_fkey";

-- DropForeignKey
ALTER TABLE "connection_recoveries" DROP CONSTRAINT "connection_recoveries_session_id_fkey";

-- DropTable
DROP TABLE "connection_qualities";

-- DropTable
DROP TABLE "connection_recoveries";

-- DropEnum
DROP TYPE "ConnectionState";

-- DropEnum
DROP TYPE "QualityBand";
