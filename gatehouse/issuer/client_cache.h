/// ClientCache — a ClientStore that remembers for a few seconds, so that a request does not ask for its
/// client again.
///
/// What this process changes is seen at once; what another one changes, when the time is over.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "gatehouse/stores/client_store.h"

namespace gatehouse::issuer {

class ClientCache final : public stores::ClientStore {
 public:
  /// Both must outlive it. `capacity` clients are remembered; beyond that it begins anew.
  ClientCache(stores::ClientStore& store, const Clock& clock, Seconds lifetime = Seconds(5),
              std::size_t capacity = 10'000)
      : store_(store), clock_(clock), lifetime_(lifetime), capacity_(capacity) {}

  Task<Result<stores::Client>> find(std::string id) override;
  Task<Result<void>> add(stores::Client client) override;
  Task<Result<void>> update(stores::Client client) override;
  Task<Result<void>> remove(std::string id) override;
  Task<Result<std::vector<stores::Client>>> list() override;

 private:
  struct Known {
    stores::Client client;
    Instant until;
  };
  std::optional<stores::Client> recall(const std::string& id, Instant now);
  void remember(const stores::Client& client, std::uint64_t seen, Instant now);
  void forget(const std::string& id);

  stores::ClientStore& store_;
  const Clock& clock_;
  Seconds lifetime_;
  std::size_t capacity_;
  std::mutex mutex_;  // of what follows
  std::unordered_map<std::string, Known> known_;
  std::uint64_t changes_ = 0;  // what was read before one must not be remembered after it
};

}  // namespace gatehouse::issuer
