/// DenyListCheck — asks a DenyList for the policies that require_not_revoked().
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "gatehouse/authorization/revocation_check.h"
#include "gatehouse/base/signal.h"
#include "gatehouse/revocation/deny_list.h"

namespace gatehouse::revocation {

/// Whether the issuer calls `token` active (RFC 7662 §2.2). Fails with whatever kept it from answering. Given
/// by who can send a POST with a client's credentials. Must not throw.
using Introspect = std::function<Task<Result<bool>>(std::string token)>;

struct DenyListCheckOptions {
  /// Refuse tokens that have neither `jti` nor `sid` (claim_missing): they could not be withdrawn one by one.
  bool require_token_id = true;

  Introspect introspect = {};  ///< for WhenStale::introspect; empty: there is nobody to ask
  PostAfter post_after = {};   ///< needed with it: hosting::Backchannel::post_after
  std::chrono::milliseconds introspection_budget{
      50};                                   ///< a request waits no longer; the answer is kept still
  Seconds introspection_lifetime{5};         ///< for which an answer is believed
  std::size_t most_introspections = 10'000;  ///< answers that are kept
  std::size_t most_asking = 64;              ///< questions under way; what is beyond is unavailable
};

class DenyListCheck final : public authorization::RevocationCheck {
 public:
  /// Fails with configuration_invalid for an introspection without post_after.
  static Result<std::shared_ptr<const DenyListCheck>> make(std::shared_ptr<const DenyList> list,
                                                           DenyListCheckOptions options = {});
  ~DenyListCheck() override;

  Result<void> check(const tokens::Token& token, Seconds max_staleness, Instant now) const override;
  bool may_ask() const noexcept override { return static_cast<bool>(options_.introspect); }
  Task<Result<void>> ask(std::string text, Instant now) const override;

 private:
  class Introspections;
  DenyListCheck(std::shared_ptr<const DenyList> list, DenyListCheckOptions options);

  const std::shared_ptr<const DenyList> list_;
  const DenyListCheckOptions options_;
  const std::shared_ptr<Introspections> introspections_;
};

}  // namespace gatehouse::revocation
