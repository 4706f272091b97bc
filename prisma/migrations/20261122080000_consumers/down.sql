-- DropForeignKey
ALTER TABLE "parked_events" DROP CONSTRAINT "parked_events_consumer_name_fkey";

-- DropTable
DROP TABLE "parked_events";

-- DropTable
DROP TABLE "consumers";
