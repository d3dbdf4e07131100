/// ClientCatalog — what all clients together have: the origins of their pages, and their scopes.
///
/// Asked for where no single client is known: by a browser's preflight, and by the discovery document.
/// Seconds old at most; while the store does not answer, as old as need be.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gatehouse/base/task.h"
#include "gatehouse/stores/client_store.h"

namespace gatehouse::issuer {

class ClientCatalog {
 public:
  struct Contents {
    std::vector<std::string> origins;  ///< each once, sorted
    std::vector<std::string> scopes;   ///< the same; without those of the issuer's own, "gatehouse.…"
  };

  /// Both must outlive it.
  ClientCatalog(stores::ClientStore& clients, const Clock& clock) : clients_(clients), clock_(clock) {}

  /// Of clients that are not disabled. Never null.
  Task<std::shared_ptr<const Contents>> read();

 private:
  stores::ClientStore& clients_;
  const Clock& clock_;
  std::mutex mutex_;  // of what follows
  std::shared_ptr<const Contents> known_ = std::make_shared<const Contents>();
  Instant until_ = Instant::min();
};

}  // namespace gatehouse::issuer
