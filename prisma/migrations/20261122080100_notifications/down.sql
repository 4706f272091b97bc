-- DropForeignKey
ALTER TABLE "notifications" DROP CONSTRAINT "notifications_user_id_fkey";

-- DropForeignKey
ALTER TABLE "notification_preferences" DROP CONSTRAINT "notification_preferences_user_id_fkey";

-- DropForeignKey
ALTER TABLE "notification_deliveries" DROP CONSTRAINT "notification_deliveries_notification_id_fkey";

-- DropForeignKey
ALTER TABLE "session_reminders" DROP CONSTRAINT "session_reminders_session_id_fkey";

-- DropTable
DROP TABLE "notifications";

-- DropTable
DROP TABLE "notification_preferences";

-- DropTable
DROP TABLE "notification_deliveries";

-- DropTable
DROP TABLE "session_reminders";

-- DropEnum
DROP TYPE "NotificationType";

-- DropEnum
DROP TYPE "NotificationPriority";

-- DropEnum
DROP TYPE "NotificationPort";

-- DropEnum
DROP TYPE "DeliveryStatus";
