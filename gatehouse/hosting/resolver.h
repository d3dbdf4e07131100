/// Resolver — addresses of host names, looked up off the reactor; private to this room.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gatehouse/base/ip_address.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"
#include "gatehouse/base/worker_pool.h"
#include "gatehouse/hosting/client_call.h"

namespace gatehouse::hosting {

class Resolver {
 public:
  using LookUp = std::function<Result<std::vector<IpAddress>>(const std::string& host)>;

  /// The system's look-up without `look_up`.
  Resolver(Reactor& reactor, LookUp look_up);

  /// At least one address. A look-up that hangs goes on without `call` when that ends. Fails with
  /// unavailable, the reason of `call` among them.
  Task<Result<std::vector<IpAddress>>> resolve(ClientCall& call, std::string host);

 private:
  struct Answer;

  Reactor& reactor_;
  LookUp look_up_;
  std::optional<WorkerPool> pool_;  // its threads are not started for addresses
};

}  // namespace gatehouse::hosting
