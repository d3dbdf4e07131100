#include "gatehouse/issuer/refresh_rotation.h"

#include "gatehouse/base/secret.h"

namespace gatehouse::issuer {
namespace {

bool is_dead(const Family& family, Instant now) {
  return family.is_revoked || now >= family.idle_expires || now >= family.absolute_expires;
}

// No grace is none, not even within the millisecond.
bool is_soon(const Family& family, Instant now, const RotationOptions& options) {
  return options.grace > Seconds(0) && now - family.rotated <= options.grace;
}

// The generation before the newest, whose successor nobody has used.
Rotation decide_predecessor(const Family& family, const PresentedRefresh& presented, Instant now,
                            const RotationOptions& options) {
  if (is_soon(family, now, options))
    return family.grace_uses < options.grace_max_uses ? Rotation::retry : Rotation::stale;
  const bool knows_nonce =
      !family.request_hash.empty() && equal_in_constant_time(family.request_hash, presented.request_hash);
  return knows_nonce && now - family.rotated <= options.recovery_time ? Rotation::recover : Rotation::replay;
}

// Two tokens that are ahead are of two who have them: nobody can tell which is the thief.
Rotation decide_ahead(const Family& family, Instant now) {
  if (!family.recoverable_until) return Rotation::ahead;
  if (!family.secret_hash.empty()) return Rotation::replay;
  return now < *family.recoverable_until ? Rotation::carry_on : Rotation::ahead;
}

}  // namespace

std::string_view name(Rotation rotation) noexcept {
  switch (rotation) {
    case Rotation::rotate:
      return "rotate";
    case Rotation::retry:
      return "retry";
    case Rotation::recover:
      return "recover";
    case Rotation::unknown:
      return "unknown";
    case Rotation::dead:
      return "dead";
    case Rotation::mismatch:
      return "mismatch";
    case Rotation::stale:
      return "stale";
    case Rotation::replay:
      return "replay";
    case Rotation::forged:
      return "forged";
    case Rotation::malformed:
      return "malformed";
    case Rotation::ahead:
      return "ahead";
    case Rotation::carry_on:
      return "carry_on";
  }
  return "";
}

Rotation decide_rotation(const std::optional<Family>& family, const PresentedRefresh& presented, Instant now,
                         const RotationOptions& options) {
  if (!family) return Rotation::unknown;
  if (is_dead(*family, now)) return Rotation::dead;
  if (presented.client != family->client || presented.binding != family->binding) return Rotation::mismatch;

  const std::uint32_t newest = family->generation;
  if (presented.generation > newest) return decide_ahead(*family, now);
  if (presented.generation == newest)
    return equal_in_constant_time(presented.secret_hash, family->secret_hash) ? Rotation::rotate
                                                                              : Rotation::forged;
  if (presented.generation == newest - 1) return decide_predecessor(*family, presented, now, options);
  return is_soon(*family, now, options) ? Rotation::stale : Rotation::replay;
}

}  // namespace gatehouse::issuer
