#include "gatehouse/issuer/session_service.h"

#include <algorithm>
#include <utility>

#include "gatehouse/base/digest.h"
#include "gatehouse/base/random.h"

namespace gatehouse::issuer {
namespace {

constexpr std::size_t secret_octets = 32;
constexpr Seconds mismatch_window = std::chrono::hours(1);

// Two octets of the user, so that a table can be split by them and a user's sessions stay together; the rest
// is random.
std::string make_session_id(std::string_view user_id) {
  return sha256(user_id).substr(0, 2) + random_octets(14);
}

std::string hash_of_nonce(std::string_view request_id) {
  return request_id.empty() ? std::string() : sha256(request_id);
}

Family family_of(const stores::Session& session) {
  return {.client = session.client_id,
          .generation = session.generation,
          .secret_hash = session.secret_hash,
          .request_hash = session.request_hash,
          .binding = session.binding,
          .rotated = session.rotated.value_or(session.created),
          .grace_uses = session.grace_uses,
          .idle_expires = session.idle_expires,
          .absolute_expires = session.absolute_expires,
          .is_revoked = session.ended.has_value(),
          .recoverable_until = session.recoverable_until};
}

PresentedRefresh presented_of(const RefreshToken& token, const RefreshRequest& request) {
  return {.client = request.client_id,
          .generation = token.generation,
          .secret_hash = hash_of(token.secret),
          .request_hash = hash_of_nonce(request.request_id),
          .binding = request.binding};
}

}  // namespace

Task<Result<SessionService::Started>> SessionService::start(NewSession login) {
  const Instant now = clock_.now();
  const RefreshToken token{.session = make_session_id(login.user_id),
                           .secret = Secret(random_octets(secret_octets))};
  const Instant absolute_expires = now + login.lifetimes.absolute;
  stores::Session session{.id = token.session,
                          .sid = random_text(),
                          .user_id = std::move(login.user_id),
                          .client_id = std::move(login.client_id),
                          .scope = std::move(login.scope),
                          .audience = std::move(login.audience),
                          .amr = std::move(login.amr),
                          .binding = std::move(login.binding),
                          .device = std::move(login.device),
                          .address = std::move(login.address),
                          .created = std::min(login.authenticated.value_or(now), now),
                          .idle_expires = std::min<Instant>(now + login.lifetimes.idle, absolute_expires),
                          .absolute_expires = absolute_expires,
                          .user_epoch = login.user_epoch,
                          .secret_hash = hash_of(token.secret)};
  GH_CO_CHECK(co_await store_.add(session));
  co_return Started{.session = std::move(session), .refresh_token = format_()->write(token)};
}

Task<Result<RefreshOutcome>> SessionService::refresh(RefreshRequest request) {
  auto presented = format_()->read(request.token);
  if (!presented) co_return RefreshOutcome{.decided = Rotation::malformed};
  const Instant now = clock_.now();
  RefreshToken next{.session = presented->session,
                    .generation = presented->generation + 1,
                    .secret = Secret(random_octets(secret_octets))};
  stores::SessionRotation rotation{.id = presented->session,
                                   .client_id = request.client_id,
                                   .binding = request.binding,
                                   .generation = presented->generation,
                                   .secret_hash = hash_of(presented->secret),
                                   .next_secret_hash = hash_of(next.secret),
                                   .successor = seal_successor(*presented, next.secret),
                                   .request_hash = hash_of_nonce(request.request_id),
                                   .address = request.address,
                                   .now = now,
                                   .idle_lifetime = request.lifetimes.idle};
  GH_CO_TRY(auto outcome, co_await store_.rotate(rotation));
  Rotation granted = Rotation::rotate;
  if (!outcome.is_rotated && decided_of(outcome.session, *presented, request, now) == Rotation::carry_on) {
    granted = Rotation::carry_on;
    GH_CO_TRY(outcome, co_await store_.carry_on(std::move(rotation)));
  }
  if (outcome.is_rotated)
    co_return RefreshOutcome{
        .decided = granted, .session = *std::move(outcome.session), .refresh_token = format_()->write(next)};
  co_return co_await decide(*std::move(presented), std::move(request), std::move(outcome.session), now);
}

Rotation SessionService::decided_of(const std::optional<stores::Session>& session,
                                    const RefreshToken& presented, const RefreshRequest& request,
                                    Instant now) const {
  const auto family = session ? std::optional(family_of(*session)) : std::nullopt;
  return decide_rotation(family, presented_of(presented, request), now, options_.rotation);
}

Task<Result<RefreshOutcome>> SessionService::decide(RefreshToken presented, RefreshRequest request,
                                                    std::optional<stores::Session> session, Instant now) {
  const Rotation decided = decided_of(session, presented, request, now);
  switch (decided) {
    case Rotation::rotate:
    case Rotation::carry_on:  // the store and the decision see different rows: neither is to be trusted
      co_return fail(Failure::unavailable, "the store did not rotate a session that it could have");
    case Rotation::unknown:
      co_return RefreshOutcome{.decided = decided};
    case Rotation::retry:
    case Rotation::recover:
      co_return co_await give_again(decided, std::move(presented), *std::move(session), now);
    default:
      co_return co_await refuse(decided, *std::move(session), now);
  }
}

// The successor's secret opens only with the predecessor's: this proves what its hash, which is not kept,
// cannot.
Task<Result<RefreshOutcome>> SessionService::give_again(Rotation decided, RefreshToken presented,
                                                        stores::Session session, Instant now) {
  auto secret = open_successor(presented, session.successor);
  if (!secret || !equal_in_constant_time(hash_of(*secret), session.secret_hash))
    co_return co_await refuse(Rotation::forged, std::move(session), now);
  if (decided == Rotation::retry) {
    GH_CO_TRY(const bool is_counted,
              co_await store_.use_grace(session.id, session.generation, options_.rotation.grace_max_uses));
    if (!is_counted) co_return co_await refuse(Rotation::stale, std::move(session), now);
  }
  std::string text = format_()->write(
      {.session = session.id, .generation = session.generation, .secret = *std::move(secret)});
  co_return RefreshOutcome{
      .decided = decided, .session = std::move(session), .refresh_token = std::move(text)};
}

Task<Result<RefreshOutcome>> SessionService::refuse(Rotation decided, stores::Session session, Instant now) {
  RefreshOutcome outcome{.decided = decided, .session = std::move(session)};
  auto reason = stores::SessionEnd::replay;
  bool has_to_end = revokes(decided);
  if (decided == Rotation::mismatch) {
    GH_CO_TRY(const int count, co_await store_.count_mismatch(outcome.session.id, now, mismatch_window));
    has_to_end = count >= options_.most_mismatches;
    reason = stores::SessionEnd::mismatch;
  }
  if (!has_to_end) co_return outcome;
  stores::SessionSelection which{.value = outcome.session.id};
  GH_CO_TRY(const auto ended, co_await end(std::move(which), reason));
  outcome.has_ended_session = !ended.empty();
  co_return outcome;
}

Task<Result<SessionService::Found>> SessionService::find(std::string refresh_token) {
  const auto presented = format_()->read(refresh_token);
  if (!presented) co_return fail(Failure::not_found, "session");
  GH_CO_TRY(auto session, co_await store_.find_by_id(presented->session));
  const Instant now = clock_.now();
  if (session.ended || now >= session.idle_expires || now >= session.absolute_expires)
    co_return fail(Failure::not_found, "session");
  const bool is_newest = presented->generation == session.generation &&
                         equal_in_constant_time(hash_of(presented->secret), session.secret_hash);
  co_return Found{.session = std::move(session), .is_newest = is_newest};
}

Task<Result<bool>> SessionService::is_alive(std::string sid) {
  const auto session = co_await store_.find_by_sid(std::move(sid));
  if (!session && session.error().kind == Failure::not_found) co_return false;
  if (!session) co_return std::unexpected(session.error());
  const Instant now = clock_.now();
  co_return !session->ended && now < session->idle_expires && now < session->absolute_expires;
}

Task<Result<std::vector<stores::Session>>> SessionService::list(std::string user_id) {
  constexpr std::size_t most = 100;
  co_return co_await store_.list(std::move(user_id), clock_.now(), most);
}

Task<Result<void>> SessionService::keep(std::string sid, std::uint32_t user_epoch) {
  co_return co_await store_.set_user_epoch(std::move(sid), user_epoch);
}

Task<Result<std::vector<std::string>>> SessionService::end(stores::SessionSelection which,
                                                           stores::SessionEnd reason) {
  const Instant now = clock_.now();
  auto ended = co_await store_.end(std::move(which), reason, now, revoked_until(now));
  if (ended && !ended->empty() && options_.on_ended) co_await options_.on_ended(*ended, reason);
  co_return ended;
}

}  // namespace gatehouse::issuer
