#include "gatehouse/hosting/connection_pool.h"

#include <algorithm>
#include <utility>

namespace gatehouse::hosting {

class ConnectionPool::Idle final : private Waiter, private Deadline {
 public:
  Idle(ConnectionPool& pool, std::string key, std::unique_ptr<ClientConnection> connection)
      : pool_(pool), key_(std::move(key)), connection_(std::move(connection)) {
    connection_->watch(*this);
    pool.reactor_.arm(*this, pool.timeout_);
  }
  Idle(const Idle&) = delete;
  Idle& operator=(const Idle&) = delete;

  const std::string& key() const noexcept { return key_; }
  std::unique_ptr<ClientConnection> release() {
    connection_->stop_watching();
    return std::move(connection_);
  }

 private:
  // The socket may also tell of what had been read before it became idle.
  void on_ready() override {
    if (connection_->is_quiet())
      connection_->watch(*this);
    else
      pool_.drop(*this);
  }
  void on_deadline() override {
    connection_->say_goodbye();
    pool_.drop(*this);
  }

  ConnectionPool& pool_;
  std::string key_;
  std::unique_ptr<ClientConnection> connection_;
};

ConnectionPool::ConnectionPool(Reactor& reactor, std::size_t maximum, std::chrono::milliseconds timeout)
    : reactor_(reactor), maximum_(maximum), timeout_(timeout) {}
ConnectionPool::~ConnectionPool() = default;

// The end of a connection may have come since the reactor last looked.
std::unique_ptr<ClientConnection> ConnectionPool::take(const std::string& key) {
  for (std::size_t i = idle_.size(); i-- > 0;) {
    if (idle_[i]->key() != key) continue;
    auto connection = idle_[i]->release();
    idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(i));
    if (connection->is_quiet()) return connection;
  }
  return nullptr;
}

void ConnectionPool::keep(std::string key, std::unique_ptr<ClientConnection> connection) {
  if (maximum_ == 0 || connection->has_rest() || !connection->is_quiet()) return;
  connection->become_idle();
  if (idle_.size() >= maximum_) idle_.erase(idle_.begin());
  idle_.push_back(std::make_unique<Idle>(*this, std::move(key), std::move(connection)));
}

void ConnectionPool::drop(const Idle& idle) {
  std::erase_if(idle_, [&](const std::unique_ptr<Idle>& one) { return one.get() == &idle; });
}

}  // namespace gatehouse::hosting
