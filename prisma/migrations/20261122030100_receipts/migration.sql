-- AlterTable
ALTER TABLE "read_markers" ADD COLUMN     "delivered" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "display_name" TEXT NOT NULL DEFAULT '';

-- What was read had come.
UPDATE "read_markers" r SET delivered = r."offset", display_name = COALESCE(
  (SELECT u.display_name FROM users u WHERE u.id = r.participant_id),
  (SELECT a.display_name FROM attendees a WHERE a.id = r.participant_id), '');
ALTER TABLE "read_markers" ADD CONSTRAINT "read_markers_delivered_check" CHECK ("delivered" >= "offset");
