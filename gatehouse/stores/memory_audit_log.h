/// The audit log in memory; private to this room.
#pragma once

#include <mutex>

#include "gatehouse/stores/audit_log.h"

namespace gatehouse::stores {

class MemoryAuditLog final : public AuditLog {
 public:
  Task<Result<void>> append(AuditEvent event) override;
  Task<Result<std::vector<AuditEntry>>> after(std::uint64_t sequence, std::size_t most) override;

 private:
  std::mutex mutex_;
  std::vector<AuditEntry> entries_;
};

}  // namespace gatehouse::stores
