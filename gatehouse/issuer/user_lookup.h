/// User look-up — the row of a user, read where reading may block.
#pragma once

#include <string>
#include <utility>

#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"
#include "gatehouse/base/worker_pool.h"
#include "gatehouse/stores/user_store.h"

namespace gatehouse::issuer {

/// Both must outlive the task. Fails with not_found, unavailable, and with overloaded when `pool` is full.
inline Task<Result<stores::User>> find_user(stores::UserStore& users, WorkerPool& pool, std::string id) {
  auto look_up = [&users, id = std::move(id)] { return users.find_by_id(id); };
  co_return co_await run_blocking(pool, std::move(look_up));
}

}  // namespace gatehouse::issuer
