/// AcceptedTokens — the bearer tokens of a request that passed every check; a feature of the request.
///
/// What is asked of a token after it was accepted, such as whether it was withdrawn, is asked of these: a
/// hook may have put another principal in the place of the token's own.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/tokens/validated_token_cache.h"

namespace gatehouse::authentication {

struct AcceptedToken {
  std::shared_ptr<const tokens::ValidatedToken> validated;
  std::string_view of_request = {};  ///< its text, where the request holds that in one piece
  std::string owned = {};            ///< its text otherwise

  std::string_view text() const noexcept { return owned.empty() ? of_request : owned; }
};

class AcceptedTokens {
 public:
  void add(AcceptedToken token) {
    if (!first_.validated)
      first_ = std::move(token);
    else
      others_.push_back(std::move(token));
  }

  /// Calls `visit` with each, in the order in which they were accepted, while it returns true.
  template <class Visit>
  bool all_of(const Visit& visit) const {
    if (first_.validated && !visit(first_)) return false;
    for (const AcceptedToken& other : others_)
      if (!visit(other)) return false;
    return true;
  }

 private:
  AcceptedToken first_;  // most requests bring one, and that costs no allocation
  std::vector<AcceptedToken> others_;
};

}  // namespace gatehouse::authentication
