#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>

#include "gatehouse/base/random.h"
#include "gatehouse/stores/memory_audit_log.h"
#include "gatehouse/stores/memory_client_store.h"
#include "gatehouse/stores/memory_external_login_store.h"
#include "gatehouse/stores/memory_key_store.h"
#include "gatehouse/stores/store.h"

namespace gatehouse::stores {
namespace {

bool is_alive(const Session& session, Instant now) {
  return !session.ended && session.idle_expires > now && session.absolute_expires > now;
}

bool is_selected(const Session& session, const SessionSelection& which) {
  using By = SessionSelection::By;
  const std::string& value = which.by == By::id     ? session.id
                             : which.by == By::sid  ? session.sid
                             : which.by == By::user ? session.user_id
                                                    : session.client_id;
  return value == which.value && (which.user_id.empty() || session.user_id == which.user_id) &&
         session.sid != which.except_sid;
}

bool is_its_own(const Session& session, const SessionRotation& rotation) {
  return is_alive(session, rotation.now) && session.client_id == rotation.client_id &&
         session.binding == rotation.binding;
}

bool may_rotate(const Session& session, const SessionRotation& rotation) {
  return is_its_own(session, rotation) && session.generation == rotation.generation &&
         session.secret_hash == rotation.secret_hash;
}

bool may_carry_on(const Session& session, const SessionRotation& rotation) {
  return is_its_own(session, rotation) && session.generation < rotation.generation &&
         session.secret_hash.empty() && session.recoverable_until > rotation.now;
}

// One lock for everything: what SQLite does in one transaction is done under it.
class MemoryStore final : public Store, private SessionStore, private RevocationLog {
 public:
  SessionStore& sessions() override { return *this; }
  RevocationLog& revocations() override { return *this; }
  ClientStore& clients() override { return clients_; }
  KeyStore& keys() override { return keys_; }
  AuditLog& audit() override { return audit_; }
  ExternalLoginStore& external_logins() override { return external_logins_; }
  Instant latest() const override {
    const std::lock_guard lock(mutex_);
    return latest_;
  }

 private:
  Task<Result<void>> add(Session session) override {
    const std::lock_guard lock(mutex_);
    note(session.created);
    if (sessions_.contains(session.id) || ids_by_sid_.contains(session.sid))
      co_return fail(Failure::conflict, "session");
    const std::string id = session.id;
    ids_by_sid_.emplace(session.sid, id);
    sessions_.emplace(id, std::move(session));
    co_return Result<void>();
  }

  Task<Result<RotationOutcome>> rotate(SessionRotation rotation) override {
    return move_on(std::move(rotation), &may_rotate);
  }

  Task<Result<RotationOutcome>> carry_on(SessionRotation rotation) override {
    return move_on(std::move(rotation), &may_carry_on);
  }

  Task<Result<RotationOutcome>> move_on(SessionRotation rotation,
                                        bool (*may)(const Session&, const SessionRotation&)) {
    const std::lock_guard lock(mutex_);
    note(rotation.now);
    const auto found = sessions_.find(rotation.id);
    if (found == sessions_.end()) co_return RotationOutcome{};
    Session& session = found->second;
    if (!may(session, rotation)) co_return RotationOutcome{.session = session};
    session.generation = rotation.generation + 1;
    session.secret_hash = rotation.next_secret_hash;
    session.successor = rotation.successor;
    session.request_hash = rotation.request_hash;
    session.address = rotation.address;
    session.rotated = rotation.now;
    session.grace_uses = 0;
    session.idle_expires = std::min<Instant>(rotation.now + rotation.idle_lifetime, session.absolute_expires);
    co_return RotationOutcome{.is_rotated = true, .session = session};
  }

  Task<Result<bool>> use_grace(std::string id, std::uint32_t generation, int most) override {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) co_return false;
    Session& session = found->second;
    if (session.ended || session.generation != generation || session.grace_uses >= most) co_return false;
    ++session.grace_uses;
    co_return true;
  }

  Task<Result<std::vector<std::string>>> end(SessionSelection which, SessionEnd reason, Instant now,
                                             Instant revoked_until) override {
    const std::lock_guard lock(mutex_);
    note(now);
    std::vector<std::string> ended;
    for (auto& [id, session] : sessions_) {
      if (!is_selected(session, which) || !is_alive(session, now)) continue;
      session.ended = now;
      session.end_reason = reason;
      ended.push_back(session.sid);
      log({.kind = Revoked::session, .value = session.sid, .until = revoked_until});
    }
    co_return ended;
  }

  Task<Result<int>> count_mismatch(std::string id, Instant now, Seconds window) override {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) co_return fail(Failure::not_found, "session");
    Session& session = found->second;
    if (!session.mismatched || *session.mismatched <= now - window) {
      session.mismatches = 0;
      session.mismatched = now;
    }
    co_return ++session.mismatches;
  }

  Task<Result<void>> set_user_epoch(std::string sid, std::uint32_t epoch) override {
    const std::lock_guard lock(mutex_);
    const auto found = ids_by_sid_.find(sid);
    if (found == ids_by_sid_.end()) co_return fail(Failure::not_found, "session");
    sessions_.at(found->second).user_epoch = epoch;
    co_return Result<void>();
  }

  Task<Result<Session>> find_by_id(std::string id) override {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) co_return fail(Failure::not_found, "session");
    co_return found->second;
  }

  Task<Result<Session>> find_by_sid(std::string sid) override {
    const std::lock_guard lock(mutex_);
    const auto found = ids_by_sid_.find(sid);
    if (found == ids_by_sid_.end()) co_return fail(Failure::not_found, "session");
    co_return sessions_.at(found->second);
  }

  Task<Result<std::vector<Session>>> list(std::string user_id, Instant now, std::size_t most) override {
    const std::lock_guard lock(mutex_);
    std::vector<Session> sessions;
    for (const auto& [id, session] : sessions_)
      if (session.user_id == user_id && is_alive(session, now)) sessions.push_back(session);
    std::ranges::sort(sessions, [](const Session& a, const Session& b) {
      return std::pair(b.created, a.sid) < std::pair(a.created, b.sid);
    });
    sessions.resize(std::min(sessions.size(), most));
    co_return sessions;
  }

  Task<Result<std::size_t>> remove_expired(Instant expired_before, std::size_t most) override {
    const std::lock_guard lock(mutex_);
    std::size_t removed = 0;
    for (auto at = sessions_.begin(); at != sessions_.end() && removed < most;) {
      if (at->second.absolute_expires >= expired_before) {
        ++at;
        continue;
      }
      ids_by_sid_.erase(at->second.sid);
      at = sessions_.erase(at);
      ++removed;
    }
    co_return removed;
  }

  Task<Result<std::string>> forget_successors(Instant rotated_before, std::string after_id,
                                              std::size_t most) override {
    const std::lock_guard lock(mutex_);
    auto at = sessions_.upper_bound(after_id);
    std::string last;
    for (std::size_t seen = 0; at != sessions_.end() && seen < most; ++at, ++seen) {
      Session& session = at->second;
      if (session.rotated && *session.rotated < rotated_before) session.successor.clear();
      last = session.id;
    }
    co_return at == sessions_.end() ? std::string() : last;
  }

  Task<Result<std::size_t>> count() override {
    const std::lock_guard lock(mutex_);
    co_return sessions_.size();
  }

  Task<Result<std::uint64_t>> append(Revocation entry) override {
    const std::lock_guard lock(mutex_);
    co_return log(std::move(entry));
  }

  Task<Result<RevocationPage>> after(std::uint64_t sequence, Instant now, std::size_t most) override {
    const std::lock_guard lock(mutex_);
    RevocationPage page{.head = head_, .epoch = epoch_};
    for (const Revocation& entry : revocations_)
      if (entry.sequence > sequence && entry.until >= now && page.entries.size() < most)
        page.entries.push_back(entry);
    co_return page;
  }

  Task<Result<std::size_t>> remove_over(Instant over_before, std::size_t most) override {
    const std::lock_guard lock(mutex_);
    std::size_t removed = 0;
    for (auto at = revocations_.begin(); at != revocations_.end() && removed < most;) {
      const bool is_over = at->until < over_before;
      at = is_over ? revocations_.erase(at) : std::next(at);
      if (is_over) ++removed;
    }
    co_return removed;
  }

  void note(Instant now) { latest_ = std::max(latest_, now); }

  std::uint64_t log(Revocation entry) {
    entry.sequence = ++head_;
    revocations_.push_back(std::move(entry));
    return head_;
  }

  const std::string epoch_ = random_text();
  mutable std::mutex mutex_;
  Instant latest_{};
  std::map<std::string, Session> sessions_;  // by id
  std::map<std::string, std::string> ids_by_sid_;
  std::vector<Revocation> revocations_;  // in their order
  std::uint64_t head_ = 0;
  MemoryClientStore clients_;
  MemoryKeyStore keys_;
  MemoryAuditLog audit_;
  MemoryExternalLoginStore external_logins_;
};

}  // namespace

std::unique_ptr<Store> make_memory_store() { return std::make_unique<MemoryStore>(); }

}  // namespace gatehouse::stores
