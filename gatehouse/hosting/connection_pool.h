/// ConnectionPool — connections of an HttpClient that wait for another request; private to this room.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "gatehouse/hosting/client_connection.h"

namespace gatehouse::hosting {

class ConnectionPool {
 public:
  ConnectionPool(Reactor& reactor, std::size_t maximum, std::chrono::milliseconds timeout);
  ~ConnectionPool();
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  /// The one used last of those kept under `key`; null when there is none.
  std::unique_ptr<ClientConnection> take(const std::string& key);

  /// For `timeout`, unless its peer sends something before: an end, or what nobody asked for. The oldest one
  /// makes room.
  void keep(std::string key, std::unique_ptr<ClientConnection> connection);

  std::size_t size() const noexcept { return idle_.size(); }

 private:
  class Idle;
  void drop(const Idle& idle);

  Reactor& reactor_;
  const std::size_t maximum_;
  const std::chrono::milliseconds timeout_;
  std::vector<std::unique_ptr<Idle>> idle_;  // the oldest first
};

}  // namespace gatehouse::hosting
