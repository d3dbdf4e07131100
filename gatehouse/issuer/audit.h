/// Audit — where the issuer writes down what happened.
#pragma once

#include <functional>

#include "gatehouse/base/task.h"
#include "gatehouse/stores/audit_log.h"

namespace gatehouse::issuer {

/// Keeps what happened; never fails for whom it happened to.
using Audit = std::function<Task<void>(stores::AuditEvent event)>;

}  // namespace gatehouse::issuer
