/// AuditLog — what happened to whom, in a chain that shows when a link was changed or taken out.
///
/// Append only: the store itself refuses to change an entry. Who can write to the file past it can still cut
/// off the end, or write the whole chain anew: keep the newest hash elsewhere now and then.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"

namespace gatehouse::stores {

/// One thing that happened. Never a token, a secret, a password or a hash of one.
struct AuditEvent {
  Instant at;
  std::string event;    ///< "session.ended", "login.failed"
  std::string actor;    ///< who did it: a user's id, a client's, "operator"; empty: nobody who is known
  std::string subject;  ///< whom or what it was done to: a user's id, a kid
  std::string client;
  std::string sid;
  std::string address;
  std::string reason;  ///< a code
  bool operator==(const AuditEvent&) const = default;
};

struct AuditEntry {
  std::uint64_t sequence = 0;  ///< from 1, without gaps
  AuditEvent event;
  std::string hash;  ///< 32 octets: of this event and of every one before it
  bool operator==(const AuditEntry&) const = default;
};

/// The hash of an entry after one whose hash is `previous`; that of the first is empty.
std::string chain_hash(std::string_view previous, std::uint64_t sequence, const AuditEvent& event);

/// Every call fails with unavailable and overloaded as those of SessionStore.
class AuditLog {
 public:
  virtual ~AuditLog() = default;

  virtual Task<Result<void>> append(AuditEvent event) = 0;
  virtual Task<Result<std::vector<AuditEntry>>> after(std::uint64_t sequence, std::size_t most) = 0;
};

struct AuditVerdict {
  std::uint64_t entries = 0;                  ///< that hold, from the first on
  std::string newest_hash;                    ///< of the last of them
  std::optional<std::uint64_t> first_broken;  ///< empty: the whole chain holds
};

/// Goes on with the chain by one entry; false, and `first_broken` is set, when it does not fit.
bool extend_chain(AuditVerdict& verdict, const AuditEntry& entry);

/// Reads the whole log and makes the chain again. Fails as the log does.
Task<Result<AuditVerdict>> verify_chain(AuditLog& log);

}  // namespace gatehouse::stores
