-- DropForeignKey
ALTER TABLE "memberships" DROP CONSTRAINT "memberships_organization_id_fkey";

-- DropForeignKey
ALTER TABLE "memberships" DROP CONSTRAINT "memberships_user_id_fkey";

-- DropForeignKey
ALTER TABLE "refresh_tokens" DROP CONSTRAINT "refresh_tokens_user_id_fkey";

-- DropForeignKey
ALTER TABLE "sessions" DROP CONSTRAINT "sessions_organization_id_fkey";

-- DropForeignKey
ALTER TABLE "attendees" DROP CONSTRAINT "attendees_session_id_fkey";

-- DropForeignKey
ALTER TABLE "channels" DROP CONSTRAINT "channels_organization_id_fkey";

-- DropForeignKey
ALTER TABLE "channels" DROP CONSTRAINT "channels_session_id_fkey";

-- DropForeignKey
ALTER TABLE "channel_members" DROP CONSTRAINT "channel_members_channel_id_fkey";

-- DropForeignKey
ALTER TABLE "messages" DROP CONSTRAINT "messages_channel_id_fkey";

-- DropForeignKey
ALTER TABLE "questions" DROP CONSTRAINT "questions_session_id_fkey";

-- DropForeignKey
ALTER TABLE "votes" DROP CONSTRAINT "votes_question_id_fkey";

-- DropForeignKey
ALTER TABLE "events" DROP CONSTRAINT "events_stream_id_fkey";

-- DropTable
DROP TABLE "users";

-- DropTable
DROP TABLE "organizations";

-- DropTable
DROP TABLE "memberships";

-- DropTable
DROP TABLE "refresh_tokens";

-- DropTable
DROP TABLE "sessions";

-- DropTable
DROP TABLE "attendees";

-- DropTable
DROP TABLE "channels";

-- DropTable
DROP TABLE "channel_members";

-- DropTable
DROP TABLE "messages";

-- DropTable
DROP TABLE "read_markers";

-- DropTable
DROP TABLE "questions";

-- DropTable
DROP TABLE "votes";

-- DropTable
DROP TABLE "streams";

-- DropTable
DROP TABLE "events";

-- DropTable
DROP TABLE "presence_leases";

-- DropTable
DROP TABLE "rate_counters";

-- DropEnum
DROP TYPE "Plan";

-- DropEnum
DROP TYPE "MembershipRole";

-- DropEnum
DROP TYPE "SessionKind";

-- DropEnum
DROP TYPE "SessionMedium";

-- DropEnum
DROP TYPE "SessionStatus";

-- DropEnum
DROP TYPE "AttendeeRole";

-- DropEnum
DROP TYPE "AttendeeStatus";

-- DropEnum
DROP TYPE "ChannelType";

-- DropEnum
DROP TYPE "ChannelRole";

-- DropEnum
DROP TYPE "QuestionStatus";
