#include "gatehouse/stores/audit_log.h"

#include <fmt/format.h>

#include "gatehouse/base/digest.h"

namespace gatehouse::stores {

// Each member with its length before it, so that no two events are the same text.
std::string chain_hash(std::string_view previous, std::uint64_t sequence, const AuditEvent& event) {
  std::string text = fmt::format("{}|{}|", sequence, event.at.time_since_epoch().count());
  for (const std::string* member :
       {&event.event, &event.actor, &event.subject, &event.client, &event.sid, &event.address, &event.reason})
    text += fmt::format("{}:{}", member->size(), *member);
  return sha256(std::string(previous) + text);
}

bool extend_chain(AuditVerdict& verdict, const AuditEntry& entry) {
  const std::uint64_t expected = verdict.entries + 1;
  if (entry.sequence != expected || entry.hash != chain_hash(verdict.newest_hash, expected, entry.event)) {
    verdict.first_broken = expected;
    return false;
  }
  verdict.entries = expected;
  verdict.newest_hash = entry.hash;
  return true;
}

Task<Result<AuditVerdict>> verify_chain(AuditLog& log) {
  constexpr std::size_t page = 1000;
  AuditVerdict verdict;
  for (;;) {
    GH_CO_TRY(const auto entries, co_await log.after(verdict.entries, page));
    if (entries.empty()) co_return verdict;
    for (const AuditEntry& entry : entries)
      if (!extend_chain(verdict, entry)) co_return verdict;
  }
}

}  // namespace gatehouse::stores
