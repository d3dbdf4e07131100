/// Asking — a verifier that has its keys from an authority, and the keys that the authority may publish.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>

#include "gatehouse/base/clock.h"
#include "gatehouse/discovery/configuration_manager.h"
#include "gatehouse/jose/key.h"
#include "tests/vectors/runner/expectation.h"

namespace gatehouse::vectors {

/// The key whose set came first, and one that somebody would like to come after.
const jose::Key& good_key();
const jose::Key& other_key();

/// A set that holds the public halves of `keys`.
std::string set_of(std::initializer_list<jose::Key> keys);

/// What an authority says of itself, and not more.
std::string document_of(const std::string& issuer, const std::string& jwks_uri);

class Asking {
 public:
  /// Throws for options that stop the start.
  Asking(discovery::AuthorityOptions options, std::shared_ptr<discovery::Backchannel> backchannel,
         std::shared_ptr<const Clock> clock);

  discovery::ConfigurationManager& manager() const { return *manager_; }

  /// Whether a token of this authority, signed with `key`, is accepted by the keys that are there now.
  bool accepts(const jose::Key& key) const;

 private:
  std::shared_ptr<const Clock> clock_;
  std::shared_ptr<discovery::ConfigurationManager> manager_;
};

}  // namespace gatehouse::vectors
