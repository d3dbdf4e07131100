/// Issuers — whose tokens count, and by whose keys and rules each is judged: exactly one verifier for a
/// token.
///
/// A table of issuers, each with keys of its own, given or fetched; and, for tenants that come and go, a
/// resolver that is asked about an issuer nobody has named. Choosing takes no lock and waits for nothing.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/base/published.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"
#include "gatehouse/discovery/authority_options.h"
#include "gatehouse/discovery/backchannel.h"
#include "gatehouse/discovery/configuration_manager.h"
#include "gatehouse/tokens/validate.h"

namespace gatehouse::discovery {

struct IssuerOptions {
  tokens::TokenValidationParameters parameters = {};
  AuthorityOptions authority = {};  ///< whose keys join those of `parameters`; left empty: nobody's
};

/// What a tenant's issuer is to be judged by; nothing for one that is not allowed. It must look at the whole
/// issuer, as anybody can write any into a token. What it answers is kept for a while, both ways. May wait;
/// must not throw.
using IssuerResolver = std::function<Task<std::optional<IssuerOptions>>(std::string issuer)>;

/// The verifier of one issuer at one moment. Immutable, but for what it counts.
struct Verifier {
  std::shared_ptr<const tokens::TokenValidator> validator;  ///< null until its first keys have come
  std::shared_ptr<const tokens::Trust> trust;               ///< in its keys
  std::shared_ptr<ConfigurationManager> manager;            ///< null when no authority is asked
  std::shared_ptr<const Configuration>
      configuration;  ///< what `validator` was made of; null when there is none

  /// Whether it can judge now.
  bool has_keys(Instant now) const noexcept { return validator && trust->holds(now); }
};

struct IssuersOptions {
  std::vector<IssuerOptions> issuers = {};  ///< with one of them, every token is its
  IssuerResolver resolver = {};
  std::size_t most_resolved = 1000;  ///< tenants whose keys are kept; the one used longest ago goes first
  Seconds refusal_lifetime =
      Seconds(60);  ///< an issuer that the resolver refused is not asked about again so long
  std::shared_ptr<Backchannel> backchannel = {};
  std::shared_ptr<const Clock> clock = {};
  std::function<void(const ConfigurationEvent&)> on_event = {};
  std::function<double()> jitter = random_fraction;
};

class Issuers {
 public:
  /// Fails with configuration_invalid, the subject naming the option and the fix: what TokenValidator::make
  /// and ConfigurationManager::make find wrong, an authority without a backchannel, two entries of one
  /// issuer, one without an issuer where there are several.
  static Result<std::unique_ptr<Issuers>> make(IssuersOptions options);
  ~Issuers();

  /// The verifier of the issuer that the token claims to be from: `iss` of the unverified payload decides
  /// whose keys and rules judge it, and nothing else. Fails with issuer_invalid for an issuer that nobody has
  /// named.
  Result<std::shared_ptr<const Verifier>> choose(std::string_view token) const;

  /// The validator of the first issuer of the table, for messages on a token that nobody judges. Null while
  /// it has no keys, and with a resolver alone.
  std::shared_ptr<const tokens::TokenValidator> first() const;

  /// Asks the resolver about the issuer of a token for which choose() failed. The same failure when it
  /// refuses.
  Task<Result<std::shared_ptr<const Verifier>>> resolve(std::string token, Instant now);

  /// Judges a token of an issuer of the table, for whoever has one outside of a request's pipeline: fetches
  /// keys where there are none yet, or none by the token's `kid`. Fails as choose() and as validation do, and
  /// with metadata_unavailable when the issuer does not answer: then nobody knows whether the token is good.
  Task<Result<tokens::Token>> validate(std::string token, Instant now);

  bool may_resolve() const noexcept { return static_cast<bool>(resolver_); }

  /// The managers of the table, in order: for the start, for health and for operators. Not those of tenants,
  /// none of which decides whether this process is well.
  std::vector<std::shared_ptr<ConfigurationManager>> managers() const;

  std::size_t resolved() const;  ///< tenants whose keys are kept

 private:
  struct Entry;
  struct Table;
  struct State;

  explicit Issuers(std::shared_ptr<State> state, IssuerResolver resolver);

  std::shared_ptr<State> state_;  // shared with managers, whose fetches may end after this has gone
  IssuerResolver resolver_;
};

}  // namespace gatehouse::discovery
