#include "gatehouse/stores/sqlite_session_store.h"

namespace gatehouse::stores {
namespace {

#define GH_SESSION_COLUMNS                                                                                \
  "id, sid, user_id, client_id, scope, audience, amr, binding, device, address, created, idle_expires, "  \
  "absolute_expires, user_epoch, generation, secret_hash, successor, request_hash, rotated, grace_uses, " \
  "mismatches, mismatched, ended, end_reason, recoverable_until"

// The columns in their order, of the current row.
Session session_at(const SqliteStatement& row) {
  return {.id = row.text_at(0),
          .sid = row.text_at(1),
          .user_id = row.text_at(2),
          .client_id = row.text_at(3),
          .scope = row.text_at(4),
          .audience = row.text_at(5),
          .amr = row.text_at(6),
          .binding = row.text_at(7),
          .device = row.text_at(8),
          .address = row.text_at(9),
          .created = row.instant_at(10),
          .idle_expires = row.instant_at(11),
          .absolute_expires = row.instant_at(12),
          .user_epoch = static_cast<std::uint32_t>(row.number_at(13)),
          .generation = static_cast<std::uint32_t>(row.number_at(14)),
          .secret_hash = row.text_at(15),
          .successor = row.text_at(16),
          .request_hash = row.text_at(17),
          .rotated = row.optional_instant_at(18),
          .grace_uses = static_cast<int>(row.number_at(19)),
          .mismatches = static_cast<int>(row.number_at(20)),
          .mismatched = row.optional_instant_at(21),
          .recoverable_until = row.optional_instant_at(24),
          .ended = row.optional_instant_at(22),
          .end_reason = static_cast<SessionEnd>(row.number_at(23))};
}

Result<void> insert(SqliteConnection& connection, const Session& session) {
  auto statement = connection.prepare(
      "INSERT INTO sessions (" GH_SESSION_COLUMNS
      ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, "
      "?21, ?22, ?23, ?24, ?25)");
  statement.octets(session.id).text(session.sid).text(session.user_id).text(session.client_id);
  statement.text(session.scope).text(session.audience).text(session.amr).text(session.binding);
  statement.text(session.device).text(session.address).instant(session.created);
  statement.instant(session.idle_expires).instant(session.absolute_expires).number(session.user_epoch);
  statement.number(session.generation).octets(session.secret_hash).octets_or_null(session.successor);
  statement.octets_or_null(session.request_hash).instant(session.rotated).number(session.grace_uses);
  statement.number(session.mismatches).instant(session.mismatched);
  statement.instant(session.ended).number(static_cast<std::int64_t>(session.end_reason));
  statement.instant(session.recoverable_until);
  const int outcome = statement.step();
  if (outcome == SQLITE_CONSTRAINT_PRIMARYKEY || outcome == SQLITE_CONSTRAINT_UNIQUE)
    return fail(Failure::conflict, "session");
  if (outcome != SQLITE_DONE) return std::unexpected(connection.trouble());
  return {};
}

#define GH_MOVE_ON(FROM)                                                                                     \
  "UPDATE sessions SET generation = ?8 + 1, secret_hash = ?1, successor = ?2, request_hash = ?3, address = " \
  "?4, rotated = ?5, grace_uses = 0, idle_expires = min(?6, absolute_expires) WHERE id = ?7 AND " FROM       \
  " AND client_id = ?10 AND binding = ?11 AND ended IS NULL AND idle_expires > ?5 AND absolute_expires > ?5"
constexpr const char* rotating = GH_MOVE_ON("generation = ?8 AND secret_hash = ?9");
constexpr const char* carrying_on =
    GH_MOVE_ON("generation < ?8 AND secret_hash = x'' AND recoverable_until > ?5 AND ?9 IS NOT NULL");
#undef GH_MOVE_ON

Result<bool> update_generation(SqliteConnection& connection, const SessionRotation& rotation,
                               const char* sql) {
  auto statement = connection.prepare(sql);
  statement.octets(rotation.next_secret_hash)
      .octets_or_null(rotation.successor)
      .octets_or_null(rotation.request_hash);
  statement.text(rotation.address).instant(rotation.now).instant(rotation.now + rotation.idle_lifetime);
  statement.octets(rotation.id).number(rotation.generation).octets(rotation.secret_hash);
  statement.text(rotation.client_id).text(rotation.binding);
  GH_CHECK(connection.finish(statement));
  return connection.changes() == 1;
}

// not_found when there is none.
Result<Session> find_one(SqliteConnection& connection, SqliteStatement statement) {
  const int outcome = statement.step();
  if (outcome == SQLITE_DONE) return fail(Failure::not_found, "session");
  if (outcome != SQLITE_ROW) return std::unexpected(connection.trouble());
  return session_at(statement);
}

Result<Session> find_row(SqliteConnection& connection, std::string_view id) {
  auto statement = connection.prepare("SELECT " GH_SESSION_COLUMNS " FROM sessions WHERE id = ?1");
  statement.octets(id);
  return find_one(connection, std::move(statement));
}

// One statement for each way to select, so that each goes by its index.
const char* ending_statement(SessionSelection::By by) {
#define GH_END_SESSIONS(COLUMN)                                                                            \
  "UPDATE sessions SET ended = ?1, end_reason = ?2 WHERE " COLUMN                                          \
  " = ?3 AND ended IS NULL AND idle_expires > ?1 AND absolute_expires > ?1 AND (?4 = '' OR user_id = ?4) " \
  "AND sid <> ?5 RETURNING sid"
  switch (by) {
    case SessionSelection::By::id:
      return GH_END_SESSIONS("id");
    case SessionSelection::By::sid:
      return GH_END_SESSIONS("sid");
    case SessionSelection::By::user:
      return GH_END_SESSIONS("user_id");
    case SessionSelection::By::client:
      return GH_END_SESSIONS("client_id");
  }
#undef GH_END_SESSIONS
  return "";
}

Result<std::vector<std::string>> end_selected(SqliteConnection& connection, const SessionSelection& which,
                                              SessionEnd reason, Instant now) {
  auto statement = connection.prepare(ending_statement(which.by));
  statement.instant(now).number(static_cast<std::int64_t>(reason));
  which.by == SessionSelection::By::id ? statement.octets(which.value) : statement.text(which.value);
  statement.text(which.user_id).text(which.except_sid);
  std::vector<std::string> ended;
  int outcome = statement.step();
  for (; outcome == SQLITE_ROW; outcome = statement.step()) ended.push_back(statement.text_at(0));
  if (outcome != SQLITE_DONE) return std::unexpected(connection.trouble());
  return ended;
}

Result<std::size_t> count_rows(SqliteConnection& connection) {
  auto statement = connection.prepare("SELECT count(*) FROM sessions");
  if (!statement.has_row()) return std::unexpected(connection.trouble());
  return static_cast<std::size_t>(statement.number_at(0));
}

Result<std::size_t> remove_old(SqliteConnection& connection, SqliteStatement statement) {
  GH_CHECK(connection.finish(statement));
  return static_cast<std::size_t>(connection.changes());
}

}  // namespace

Task<Result<void>> SqliteSessionStore::add(Session session) {
  auto job = [this, session = std::move(session)](SqliteConnection& connection) -> Result<void> {
    GH_CHECK(database_.note(connection, session.created));
    return insert(connection, session);
  };
  co_return co_await database_.write(std::move(job));
}

Task<Result<RotationOutcome>> SqliteSessionStore::rotate(SessionRotation rotation) {
  return move_on(std::move(rotation), rotating);
}

Task<Result<RotationOutcome>> SqliteSessionStore::carry_on(SessionRotation rotation) {
  return move_on(std::move(rotation), carrying_on);
}

Task<Result<RotationOutcome>> SqliteSessionStore::move_on(SessionRotation rotation, const char* sql) {
  auto job = [this, rotation = std::move(rotation),
              sql](SqliteConnection& connection) -> Result<RotationOutcome> {
    GH_CHECK(database_.note(connection, rotation.now));
    GH_TRY(const bool is_rotated, update_generation(connection, rotation, sql));
    auto session = find_row(connection, rotation.id);
    if (session) return RotationOutcome{.is_rotated = is_rotated, .session = *std::move(session)};
    if (session.error().kind == Failure::not_found) return RotationOutcome{};
    return std::unexpected(std::move(session).error());
  };
  co_return co_await database_.write(std::move(job));
}

Task<Result<bool>> SqliteSessionStore::use_grace(std::string id, std::uint32_t generation, int most) {
  auto job = [id = std::move(id), generation, most](SqliteConnection& connection) -> Result<bool> {
    auto statement = connection.prepare(
        "UPDATE sessions SET grace_uses = grace_uses + 1 WHERE id = ?1 AND generation = ?2 AND grace_uses < "
        "?3 AND ended IS NULL");
    GH_CHECK(connection.finish(statement.octets(id).number(generation).number(most)));
    return connection.changes() == 1;
  };
  co_return co_await database_.write(std::move(job));
}

Task<Result<std::vector<std::string>>> SqliteSessionStore::end(SessionSelection which, SessionEnd reason,
                                                               Instant now, Instant revoked_until) {
  using Sids = Result<std::vector<std::string>>;
  auto job = [this, which = std::move(which), reason, now,
              revoked_until](SqliteConnection& connection) -> Sids {
    GH_CHECK(database_.note(connection, now));
    Sids ended = end_selected(connection, which, reason, now);
    if (!ended) return ended;
    for (const std::string& sid : *ended)
      GH_CHECK(
          append_revocation(connection, {.kind = Revoked::session, .value = sid, .until = revoked_until}));
    return ended;
  };
  co_return co_await database_.write(std::move(job));
}

Task<Result<int>> SqliteSessionStore::count_mismatch(std::string id, Instant now, Seconds window) {
  auto job = [id = std::move(id), now, window](SqliteConnection& connection) -> Result<int> {
    auto statement = connection.prepare(
        "UPDATE sessions SET mismatches = iif(mismatched > ?2, mismatches, 0) + 1, mismatched = "
        "iif(mismatched > ?2, mismatched, ?1) WHERE id = ?3 RETURNING mismatches");
    const int outcome = statement.instant(now).instant(now - window).octets(id).step();
    if (outcome == SQLITE_DONE) return fail(Failure::not_found, "session");
    if (outcome != SQLITE_ROW) return std::unexpected(connection.trouble());
    const auto count = static_cast<int>(statement.number_at(0));
    GH_CHECK(connection.finish(statement));
    return count;
  };
  co_return co_await database_.write(std::move(job));
}

Task<Result<void>> SqliteSessionStore::set_user_epoch(std::string sid, std::uint32_t epoch) {
  auto job = [sid = std::move(sid), epoch](SqliteConnection& connection) -> Result<void> {
    auto statement = connection.prepare("UPDATE sessions SET user_epoch = ?1 WHERE sid = ?2");
    GH_CHECK(connection.finish(statement.number(epoch).text(sid)));
    return connection.changes() == 1 ? Result<void>() : fail(Failure::not_found, "session");
  };
  co_return co_await database_.write(std::move(job));
}

Task<Result<Session>> SqliteSessionStore::find_by_id(std::string id) {
  auto job = [id = std::move(id)](SqliteConnection& connection) { return find_row(connection, id); };
  co_return co_await database_.read(std::move(job));
}

Task<Result<Session>> SqliteSessionStore::find_by_sid(std::string sid) {
  auto job = [sid = std::move(sid)](SqliteConnection& connection) {
    auto statement = connection.prepare("SELECT " GH_SESSION_COLUMNS " FROM sessions WHERE sid = ?1");
    statement.text(sid);
    return find_one(connection, std::move(statement));
  };
  co_return co_await database_.read(std::move(job));
}

Task<Result<std::vector<Session>>> SqliteSessionStore::list(std::string user_id, Instant now,
                                                            std::size_t most) {
  using Sessions = Result<std::vector<Session>>;
  auto job = [user_id = std::move(user_id), now, most](SqliteConnection& connection) -> Sessions {
    auto statement =
        connection.prepare("SELECT " GH_SESSION_COLUMNS
                           " FROM sessions WHERE user_id = ?1 AND ended IS NULL AND idle_expires "
                           "> ?2 AND absolute_expires > ?2 ORDER BY created DESC, sid LIMIT ?3");
    statement.text(user_id).instant(now).number(static_cast<std::int64_t>(most));
    std::vector<Session> sessions;
    int outcome = statement.step();
    for (; outcome == SQLITE_ROW; outcome = statement.step()) sessions.push_back(session_at(statement));
    if (outcome != SQLITE_DONE) return std::unexpected(connection.trouble());
    return sessions;
  };
  co_return co_await database_.read(std::move(job));
}

Task<Result<std::size_t>> SqliteSessionStore::remove_expired(Instant expired_before, std::size_t most) {
  auto job = [expired_before, most](SqliteConnection& connection) -> Result<std::size_t> {
    auto statement = connection.prepare(
        "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE absolute_expires < ?1 ORDER BY "
        "absolute_expires LIMIT ?2)");
    statement.instant(expired_before).number(static_cast<std::int64_t>(most));
    return remove_old(connection, std::move(statement));
  };
  co_return co_await database_.write(std::move(job));
}

Task<Result<std::string>> SqliteSessionStore::forget_successors(Instant rotated_before, std::string after_id,
                                                                std::size_t most) {
  auto job = [rotated_before, after_id = std::move(after_id),
              most](SqliteConnection& connection) -> Result<std::string> {
    auto last = connection.prepare(
        "SELECT max(id), count(*) FROM (SELECT id FROM sessions WHERE id > ?1 ORDER BY id LIMIT ?2)");
    if (!last.octets(after_id).number(static_cast<std::int64_t>(most)).has_row())
      return std::unexpected(connection.trouble());
    const std::string last_id = last.text_at(0);
    const bool is_end = static_cast<std::size_t>(last.number_at(1)) < most;
    auto forget = connection.prepare(
        "UPDATE sessions SET successor = NULL WHERE id > ?1 AND id <= ?2 AND successor IS NOT NULL AND "
        "rotated "
        "< ?3");
    forget.octets(after_id).octets(last_id).instant(rotated_before);
    GH_CHECK(connection.finish(forget));
    return is_end ? std::string() : last_id;
  };
  co_return co_await database_.write(std::move(job));
}

Task<Result<std::size_t>> SqliteSessionStore::count() { co_return co_await database_.read(&count_rows); }

Result<std::uint64_t> append_revocation(SqliteConnection& connection, const Revocation& entry) {
  auto statement = connection.prepare(
      "INSERT INTO revocations (kind, value, until, not_before) VALUES (?1, ?2, ?3, ?4) RETURNING sequence");
  const char kind = static_cast<char>(entry.kind);
  statement.text({&kind, 1}).text(entry.value).instant(entry.until).instant(entry.not_before);
  if (!statement.has_row()) return std::unexpected(connection.trouble());
  const auto sequence = static_cast<std::uint64_t>(statement.number_at(0));
  GH_CHECK(connection.finish(statement));
  return sequence;
}

Task<Result<std::uint64_t>> SqliteRevocationLog::append(Revocation entry) {
  auto job = [entry = std::move(entry)](SqliteConnection& connection) {
    return append_revocation(connection, entry);
  };
  co_return co_await database_.write(std::move(job));
}

Task<Result<RevocationPage>> SqliteRevocationLog::after(std::uint64_t sequence, Instant now,
                                                        std::size_t most) {
  auto job = [sequence, now, most](SqliteConnection& connection) -> Result<RevocationPage> {
    // One statement, one snapshot: the head is never behind the entries.
    auto statement = connection.prepare(
        "SELECT r.sequence, kind, value, until, not_before, head.seq, head.feed FROM (SELECT "
        "coalesce(max(seq), 0) AS "
        "seq, (SELECT feed FROM lineage) AS feed "
        "FROM sqlite_sequence WHERE name = 'revocations') AS head LEFT JOIN revocations AS r ON r.sequence > "
        "?1 "
        "AND until >= ?2 ORDER BY r.sequence LIMIT ?3");
    statement.number(static_cast<std::int64_t>(sequence))
        .instant(now)
        .number(static_cast<std::int64_t>(most));
    RevocationPage page;
    int outcome = statement.step();
    for (; outcome == SQLITE_ROW; outcome = statement.step()) {
      page.head = static_cast<std::uint64_t>(statement.number_at(5));
      page.epoch = statement.text_at(6);
      if (statement.number_at(0) == 0) break;  // no entry, only the head
      page.entries.push_back({.kind = static_cast<Revoked>(statement.text_at(1).front()),
                              .value = statement.text_at(2),
                              .until = statement.instant_at(3),
                              .not_before = statement.instant_at(4),
                              .sequence = static_cast<std::uint64_t>(statement.number_at(0))});
    }
    if (outcome != SQLITE_DONE && outcome != SQLITE_ROW) return std::unexpected(connection.trouble());
    return page;
  };
  co_return co_await database_.read(std::move(job));
}

Task<Result<std::size_t>> SqliteRevocationLog::remove_over(Instant over_before, std::size_t most) {
  auto job = [over_before, most](SqliteConnection& connection) -> Result<std::size_t> {
    auto statement = connection.prepare(
        "DELETE FROM revocations WHERE sequence IN (SELECT sequence FROM revocations WHERE until < ?1 ORDER "
        "BY "
        "until LIMIT ?2)");
    statement.instant(over_before).number(static_cast<std::int64_t>(most));
    return remove_old(connection, std::move(statement));
  };
  co_return co_await database_.write(std::move(job));
}

}  // namespace gatehouse::stores
