-- Its check goes with the column.
ALTER TABLE "read_markers" DROP COLUMN "delivered",
DROP COLUMN "display_name";
