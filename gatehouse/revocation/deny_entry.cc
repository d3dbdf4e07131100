#include "gatehouse/revocation/deny_entry.h"

#include <algorithm>
#include <utility>

namespace gatehouse::revocation {
namespace {

constexpr std::array<std::string_view, deny_kinds> names = {"jti", "sid", "sub", "client", "kid"};

}  // namespace

std::string_view name(DenyKind kind) noexcept { return names[static_cast<std::size_t>(kind)]; }

std::optional<DenyKind> find_deny_kind(std::string_view name) noexcept {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<DenyKind>(found - names.begin());
}

// The key that verified the token, not the one that its header names: a header may name none.
TokenMarks marks_of(const tokens::Token& token) noexcept {
  const auto client = token.claims.find_string("client_id");
  return {.issuer = token.claims.issuer().value_or(""),
          .values = {token.claims.id().value_or(""), token.claims.find_string("sid").value_or(""),
                     token.claims.subject().value_or(""),
                     client ? *client : token.claims.find_string("azp").value_or(""),
                     token.signing_key ? std::string_view(token.signing_key->kid()) : std::string_view()},
          .issued = token.claims.issued_at()};
}

DenyEntry make_deny_entry(DenyKind kind, std::string issuer, std::string value, Instant now,
                          const DenyLifetimes& lifetimes) {
  DenyEntry entry{.kind = kind,
                  .issuer = std::move(issuer),
                  .value = std::move(value),
                  .until = now + (kind == DenyKind::key ? lifetimes.key : lifetimes.token)};
  if (kind == DenyKind::subject || kind == DenyKind::client)
    entry.not_before = std::chrono::floor<Seconds>(now) + Seconds(1);
  return entry;
}

}  // namespace gatehouse::revocation
