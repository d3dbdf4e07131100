#include "gatehouse/stores/memory_audit_log.h"

#include <algorithm>
#include <utility>

namespace gatehouse::stores {

Task<Result<void>> MemoryAuditLog::append(AuditEvent event) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t sequence = entries_.size() + 1;
  std::string hash = chain_hash(entries_.empty() ? "" : entries_.back().hash, sequence, event);
  entries_.push_back({.sequence = sequence, .event = std::move(event), .hash = std::move(hash)});
  co_return Result<void>();
}

Task<Result<std::vector<AuditEntry>>> MemoryAuditLog::after(std::uint64_t sequence, std::size_t most) {
  const std::lock_guard lock(mutex_);
  const auto begin = std::min<std::size_t>(sequence, entries_.size());
  const auto end = std::min(begin + most, entries_.size());
  co_return std::vector<AuditEntry>(entries_.begin() + static_cast<std::ptrdiff_t>(begin),
                                    entries_.begin() + static_cast<std::ptrdiff_t>(end));
}

}  // namespace gatehouse::stores
