/// RevocationLog — what was withdrawn before its time, in the order in which it was.
///
/// The truth that every deny list is fed from. A sequence number is given once and only rises, also over
/// restarts; entries go when what they withdraw has expired anyway.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"

namespace gatehouse::stores {

/// What `value` names. The letters are kept in databases.
enum class Revoked : char {
  token = 'J',    ///< one token, by `jti`
  session = 'S',  ///< those with this `sid`
  subject = 'U',  ///< those of this `sub` that were issued before `not_before`
  client = 'C',   ///< those of this `client_id` that were issued before `not_before`
  key = 'K',      ///< those signed with the key of this `kid`
};

struct Revocation {
  Revoked kind = Revoked::token;
  std::string value;
  Instant until;               ///< after which nothing that it withdraws is valid anyway
  Instant not_before{};        ///< of `subject` and `client`
  std::uint64_t sequence = 0;  ///< given by the log
  bool operator==(const Revocation&) const = default;
};

struct RevocationPage {
  std::vector<Revocation> entries;  ///< in their order; those that are over at `now` left out
  std::uint64_t head = 0;           ///< the sequence number of the last entry ever written; 0: none
  std::string epoch = {};  ///< names the numbering: another one after a restore, and the same over restarts
};

/// Every call fails with unavailable and overloaded as those of SessionStore.
class RevocationLog {
 public:
  virtual ~RevocationLog() = default;

  virtual Task<Result<std::uint64_t>> append(Revocation entry) = 0;  ///< its sequence number
  virtual Task<Result<RevocationPage>> after(std::uint64_t sequence, Instant now, std::size_t most) = 0;
  virtual Task<Result<std::size_t>> remove_over(Instant over_before,
                                                std::size_t most) = 0;  ///< how many went
};

}  // namespace gatehouse::stores
