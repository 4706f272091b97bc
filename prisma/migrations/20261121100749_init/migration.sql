-- CreateEnum
CREATE TYPE "Plan" AS ENUM ('FREE', 'PRO');

-- CreateEnum
CREATE TYPE "MembershipRole" AS ENUM ('OWNER', 'ADMIN', 'MEMBER');

-- CreateEnum
CREATE TYPE "SessionKind" AS ENUM ('CONFERENCE', 'CALL');

-- CreateEnum
CREATE TYPE "SessionMedium" AS ENUM ('CHAT', 'AUDIO', 'VIDEO');

-- CreateEnum
CREATE TYPE "SessionStatus" AS ENUM ('SCHEDULED', 'LIVE', 'PAUSED', 'COMPLETED', 'CANCELLED');

-- CreateEnum
CREATE TYPE "AttendeeRole" AS ENUM ('HOST', 'PRESENTER', 'MODERATOR', 'ATTENDEE', 'ADVISOR', 'CLIENT');

-- CreateEnum
CREATE TYPE "AttendeeStatus" AS ENUM ('WAITING', 'PRESENT', 'LEFT', 'REMOVED');

-- CreateEnum
CREATE TYPE "ChannelType" AS ENUM ('PRIVATE', 'SHARED', 'BROADCAST');

-- CreateEnum
CREATE TYPE "ChannelRole" AS ENUM ('OWNER', 'MEMBER');

-- CreateEnum
CREATE TYPE "QuestionStatus" AS ENUM ('PENDING', 'OPEN', 'ANSWERED', 'HIDDEN', 'WITHDRAWN');

-- CreateTable
CREATE TABLE "users" (
    "id" TEXT NOT NULL,
    "display_name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "organizations" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "plan" "Plan" NOT NULL DEFAULT 'FREE',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "organizations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "memberships" (
    "organization_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "role" "MembershipRole" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "memberships_pkey" PRIMARY KEY ("organization_id","user_id")
);

-- CreateTable
CREATE TABLE "refresh_tokens" (
    "token_hash" TEXT NOT NULL,
    "family_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "spent_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "refresh_tokens_pkey" PRIMARY KEY ("token_hash")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "host_id" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "description" TEXT,
    "kind" "SessionKind" NOT NULL,
    "medium" "SessionMedium" NOT NULL,
    "status" "SessionStatus" NOT NULL DEFAULT 'SCHEDULED',
    "scheduled_for" TIMESTAMPTZ(3),
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "capacity" INTEGER NOT NULL,
    "attendee_count" INTEGER NOT NULL DEFAULT 0,
    "advisor_id" TEXT,
    "rate_per_minute_minor" INTEGER,
    "currency" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "attendees" (
    "id" TEXT NOT NULL,
    "session_id" TEXT NOT NULL,
    "user_id" TEXT,
    "display_name" TEXT NOT NULL,
    "email" TEXT,
    "role" "AttendeeRole" NOT NULL,
    "status" "AttendeeStatus" NOT NULL,
    "hand_raised" BOOLEAN NOT NULL DEFAULT false,
    "joined_at" TIMESTAMPTZ(3),
    "left_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "attendees_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "channels" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "session_id" TEXT,
    "name" TEXT NOT NULL,
    "type" "ChannelType" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "channels_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "channel_members" (
    "channel_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "role" "ChannelRole" NOT NULL DEFAULT 'MEMBER',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "channel_members_pkey" PRIMARY KEY ("channel_id","user_id")
);

-- CreateTable
CREATE TABLE "messages" (
    "id" TEXT NOT NULL,
    "channel_id" TEXT NOT NULL,
    "offset" BIGINT NOT NULL,
    "sender_id" TEXT NOT NULL,
    "sender_name" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "client_id" TEXT,
    "client_digest" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "edited_at" TIMESTAMPTZ(3),
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "messages_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "read_markers" (
    "channel_id" TEXT NOT NULL,
    "participant_id" TEXT NOT NULL,
    "offset" BIGINT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "read_markers_pkey" PRIMARY KEY ("channel_id","participant_id")
);

-- CreateTable
CREATE TABLE "questions" (
    "id" TEXT NOT NULL,
    "session_id" TEXT NOT NULL,
    "asker_id" TEXT NOT NULL,
    "sender_id" TEXT NOT NULL,
    "sender_name" TEXT NOT NULL,
    "anonymous" BOOLEAN NOT NULL,
    "body" TEXT NOT NULL,
    "status" "QuestionStatus" NOT NULL,
    "upvotes" INTEGER NOT NULL DEFAULT 0,
    "downvotes" INTEGER NOT NULL DEFAULT 0,
    "score" DOUBLE PRECISION NOT NULL,
    "pinned" BOOLEAN NOT NULL DEFAULT false,
    "answer" TEXT,
    "client_id" TEXT,
    "client_digest" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "voted_at" TIMESTAMPTZ(3),

    CONSTRAINT "questions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "votes" (
    "question_id" TEXT NOT NULL,
    "attendee_id" TEXT NOT NULL,
    "value" SMALLINT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "votes_pkey" PRIMARY KEY ("question_id","attendee_id")
);

-- CreateTable
CREATE TABLE "streams" (
    "id" TEXT NOT NULL,
    "epoch" TEXT NOT NULL,
    "head" BIGINT NOT NULL,
    "tail" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "streams_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "events" (
    "stream_id" TEXT NOT NULL,
    "offset" BIGINT NOT NULL,
    "type" TEXT NOT NULL,
    "version" SMALLINT NOT NULL,
    "payload" JSONB NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "tx_id" xid8 NOT NULL DEFAULT pg_current_xact_id(),
    "seq" BIGSERIAL NOT NULL,

    CONSTRAINT "events_pkey" PRIMARY KEY ("stream_id","offset")
);

-- CreateTable
CREATE TABLE "presence_leases" (
    "place" TEXT NOT NULL,
    "member" TEXT NOT NULL,
    "lease_id" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "presence_leases_pkey" PRIMARY KEY ("place","member","lease_id")
);

-- CreateTable
CREATE TABLE "rate_counters" (
    "key" TEXT NOT NULL,
    "points" INTEGER NOT NULL,
    "expire" BIGINT,

    CONSTRAINT "rate_counters_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- CreateIndex
CREATE INDEX "memberships_user_id_idx" ON "memberships"("user_id");

-- CreateIndex
CREATE INDEX "refresh_tokens_family_id_idx" ON "refresh_tokens"("family_id");

-- CreateIndex
CREATE INDEX "refresh_tokens_user_id_idx" ON "refresh_tokens"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "sessions_code_key" ON "sessions"("code");

-- CreateIndex
CREATE INDEX "sessions_organization_id_created_at_id_idx" ON "sessions"("organization_id", "created_at" DESC, "id");

-- CreateIndex
CREATE INDEX "sessions_host_id_created_at_id_idx" ON "sessions"("host_id", "created_at" DESC, "id");

-- CreateIndex
CREATE INDEX "attendees_session_id_created_at_id_idx" ON "attendees"("session_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "attendees_user_id_idx" ON "attendees"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "attendees_session_id_user_id_key" ON "attendees"("session_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "channels_session_id_key" ON "channels"("session_id");

-- CreateIndex
CREATE UNIQUE INDEX "channels_organization_id_name_key" ON "channels"("organization_id", "name");

-- CreateIndex
CREATE INDEX "channel_members_user_id_idx" ON "channel_members"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "messages_channel_id_offset_key" ON "messages"("channel_id", "offset");

-- CreateIndex
CREATE UNIQUE INDEX "messages_channel_id_sender_id_client_id_key" ON "messages"("channel_id", "sender_id", "client_id");

-- CreateIndex
CREATE INDEX "questions_session_id_pinned_score_id_idx" ON "questions"("session_id", "pinned" DESC, "score" DESC, "id");

-- CreateIndex
CREATE INDEX "questions_session_id_upvotes_id_idx" ON "questions"("session_id", "upvotes" DESC, "id");

-- CreateIndex
CREATE INDEX "questions_session_id_created_at_id_idx" ON "questions"("session_id", "created_at" DESC, "id");

-- CreateIndex
CREATE UNIQUE INDEX "questions_session_id_asker_id_client_id_key" ON "questions"("session_id", "asker_id", "client_id");

-- CreateIndex
CREATE INDEX "events_tx_id_seq_idx" ON "events"("tx_id", "seq");

-- CreateIndex
CREATE INDEX "events_at_idx" ON "events"("at");

-- CreateIndex
CREATE INDEX "presence_leases_expires_at_idx" ON "presence_leases"("expires_at");

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "refresh_tokens" ADD CONSTRAINT "refresh_tokens_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attendees" ADD CONSTRAINT "attendees_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "channels" ADD CONSTRAINT "channels_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "channels" ADD CONSTRAINT "channels_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "channel_members" ADD CONSTRAINT "channel_members_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "messages" ADD CONSTRAINT "messages_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "questions" ADD CONSTRAINT "questions_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "votes" ADD CONSTRAINT "votes_question_id_fkey" FOREIGN KEY ("question_id") REFERENCES "questions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "events" ADD CONSTRAINT "events_stream_id_fkey" FOREIGN KEY ("stream_id") REFERENCES "streams"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- From here on: what Prisma's schema cannot express. `db:diff` does not see it, so whoever changes these tables keeps it up.

-- Seats and tallies cannot go wrong, whatever the code does.
ALTER TABLE "sessions"
    ADD CONSTRAINT "sessions_capacity_check" CHECK ("capacity" > 0),
    ADD CONSTRAINT "sessions_attendee_count_check" CHECK ("attendee_count" BETWEEN 0 AND "capacity"),
    ADD CONSTRAINT "sessions_rate_per_minute_minor_check" CHECK ("rate_per_minute_minor" >= 0);
ALTER TABLE "votes" ADD CONSTRAINT "votes_value_check" CHECK ("value" IN (1, -1));
ALTER TABLE "questions" ADD CONSTRAINT "questions_tally_check" CHECK ("upvotes" >= 0 AND "downvotes" >= 0);

-- A log has no offset below its tail, none above its head, and starts with 1.
ALTER TABLE "streams" ADD CONSTRAINT "streams_range_check" CHECK (0 <= "tail" AND "tail" <= "head");
ALTER TABLE "events" ADD CONSTRAINT "events_offset_check" CHECK ("offset" > 0);
ALTER TABLE "read_markers" ADD CONSTRAINT "read_markers_offset_check" CHECK ("offset" >= 0);

-- Rows updated many times a second find room on their own page, so most updates touch no index.
ALTER TABLE "streams" SET (fillfactor = 70);
ALTER TABLE "rate_counters" SET (fillfactor = 70);
ALTER TABLE "sessions" SET (fillfactor = 80);
ALTER TABLE "questions" SET (fillfactor = 80);
ALTER TABLE "read_markers" SET (fillfactor = 80);

-- Short-lived shared state that may be lost: a crash empties these tables, and their writers need not wait for the disk.
ALTER TABLE "presence_leases" SET UNLOGGED;
ALTER TABLE "rate_counters" SET UNLOGGED;
