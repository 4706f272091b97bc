-- CreateTable
CREATE TABLE "consumers" (
    "name" TEXT NOT NULL,
    "seen" pg_snapshot NOT NULL,
    "upto" pg_snapshot,
    "seq" BIGINT NOT NULL DEFAULT 0,
    "moved_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "consumers_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "parked_events" (
    "consumer_name" TEXT NOT NULL,
    "stream_id" TEXT NOT NULL,
    "offset" BIGINT NOT NULL,
    "type" TEXT NOT NULL,
    "error" TEXT NOT NULL,
    "parked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "parked_events_pkey" PRIMARY KEY ("consumer_name","stream_id","offset")
);

-- AddForeignKey
ALTER TABLE "parked_events" ADD CONSTRAINT "parked_events_consumer_name_fkey" FOREIGN KEY ("consumer_name") REFERENCES "consumers"("name") ON DELETE CASCADE ON UPDATE CASCADE;
