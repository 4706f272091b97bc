-- CreateTable
CREATE TABLE "blocks" (
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "step" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "blocked_by_id" TEXT,

    CONSTRAINT "blocks_pkey" PRIMARY KEY ("kind","value")
);

-- CreateIndex
CREATE UNIQUE INDEX "blocks_id_key" ON "blocks"("id");

-- CreateIndex
CREATE INDEX "blocks_ends_at_idx" ON "blocks"("ends_at");
