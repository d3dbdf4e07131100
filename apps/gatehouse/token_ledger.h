/// Token ledger — which tokens this user has made: their names and ends, never the tokens.
#pragma once

#include <string>
#include <vector>

#include "gatehouse/base/clock.h"

namespace gatehouse::program {

struct MadeToken {
  std::string id;  ///< its `jti`
  std::string subject;
  std::string audience;
  std::string scope;
  std::string expires;  ///< RFC 3339
  std::string origin;   ///< "issuer", or the settings that it was made by
  bool operator==(const MadeToken&) const = default;
};

class TokenLedger {
 public:
  /// $XDG_STATE_HOME/gatehouse/program/tokens.json, or under ~/.local/state. What has expired by `now` is
  /// forgotten. Stops as misused without a home, or when others could have written the file.
  explicit TokenLedger(Instant now);

  const std::vector<MadeToken>& tokens() const noexcept { return tokens_; }
  const MadeToken* find(std::string_view id) const;
  void add(MadeToken token);
  void remove(std::string_view id);

 private:
  void write() const;

  std::string path_;
  std::vector<MadeToken> tokens_;
};

/// {"tokens":[…]}
std::string to_json(const std::vector<MadeToken>& tokens);

}  // namespace gatehouse::program
