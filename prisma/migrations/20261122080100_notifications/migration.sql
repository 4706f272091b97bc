-- CreateEnum
CREATE TYPE "NotificationType" AS ENUM ('NEW_MESSAGE', 'MENTION', 'SESSION_STARTING', 'SESSION_STARTED', 'QUESTION_ANSWERED', 'PEER_CONNECTION', 'INVOICE_READY', 'SYSTEM_UPDATE', 'PROGRESS', 'APPLICATION');

-- CreateEnum
CREATE TYPE "NotificationPriority" AS ENUM ('LOW', 'NORMAL', 'HIGH', 'URGENT');

-- CreateEnum
CREATE TYPE "NotificationPort" AS ENUM ('IN_APP', 'EMAIL', 'PUSH');

-- CreateEnum
CREATE TYPE "DeliveryStatus" AS ENUM ('PENDING', 'SENT', 'FAILED', 'NOT_NEEDED');

-- CreateTable
CREATE TABLE "notifications" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "type" "NotificationType" NOT NULL,
    "application_type" TEXT,
    "organization_id" TEXT,
    "priority" "NotificationPriority" NOT NULL,
    "title" TEXT NOT NULL,
    "body" TEXT,
    "link" TEXT,
    "subject_id" TEXT,
    "data" JSONB,
    "count" INTEGER NOT NULL DEFAULT 1,
    "last_offset" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "read_at" TIMESTAMPTZ(3),

    CONSTRAINT "notifications_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "notification_preferences" (
    "user_id" TEXT NOT NULL,
    "type" "NotificationType" NOT NULL,
    "port" "NotificationPort" NOT NULL,
    "enabled" BOOLEAN NOT NULL,

    CONSTRAINT "notification_preferences_pkey" PRIMARY KEY ("user_id","type","port")
);

-- CreateTable
CREATE TABLE "notification_deliveries" (
    "notification_id" TEXT NOT NULL,
    "port" "NotificationPort" NOT NULL,
    "status" "DeliveryStatus" NOT NULL DEFAULT 'PENDING',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL,
    "last_error" TEXT,
    "settled_at" TIMESTAMPTZ(3),

    CONSTRAINT "notification_deliveries_pkey" PRIMARY KEY ("notification_id","port")
);

-- CreateTable
CREATE TABLE "session_reminders" (
    "session_id" TEXT NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "session_reminders_pkey" PRIMARY KEY ("session_id")
);

-- CreateIndex
CREATE INDEX "notifications_user_id_updated_at_id_idx" ON "notifications"("user_id", "updated_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "notifications_updated_at_idx" ON "notifications"("updated_at");

-- CreateIndex
CREATE UNIQUE INDEX "notifications_user_id_key_key" ON "notifications"("user_id", "key");

-- CreateIndex
CREATE INDEX "session_reminders_due_at_idx" ON "session_reminders"("due_at");

-- AddForeignKey
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notification_preferences" ADD CONSTRAINT "notification_preferences_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notification_deliveries" ADD CONSTRAINT "notification_deliveries_notification_id_fkey" FOREIGN KEY ("notification_id") REFERENCES "notifications"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "session_reminders" ADD CONSTRAINT "session_reminders_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What is to be tried next.
CREATE INDEX "notification_deliveries_pending_idx" ON "notification_deliveries"("next_attempt_at") WHERE "status" = 'PENDING';

-- What somebody has yet to read.
CREATE INDEX "notifications_unread_idx" ON "notifications"("user_id", "type") WHERE "read_at" IS NULL;

-- Each reads and settles their own; the server alone makes them.
ALTER TABLE "notifications" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "read" ON "notifications" FOR SELECT USING ((SELECT acts_as_system()) OR user_id = ANY((SELECT row_viewer())::text[]));
CREATE POLICY "change" ON "notifications" FOR UPDATE USING ((SELECT acts_as_system()) OR user_id = ANY((SELECT row_viewer())::text[]));
CREATE POLICY "make" ON "notifications" FOR INSERT WITH CHECK (acts_as_system());
CREATE POLICY "end" ON "notifications" FOR DELETE USING ((SELECT acts_as_system()));
