-- DropForeignKey
ALTER TABLE "calls" DROP CONSTRAINT "calls_session_id_fkey";

-- DropForeignKey
ALTER TABLE "call_parties" DROP CONSTRAINT "call_parties_call_id_fkey";

-- DropTable
DROP TABLE "call_parties";

-- DropTable
DROP TABLE "calls";

-- DropEnum
DROP TYPE "CallStatus";

-- DropEnum
DROP TYPE "CallEndReason";
