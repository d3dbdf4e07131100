/// Listener — accepts connections of one address for one reactor.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "gatehouse/base/result.h"
#include "gatehouse/hosting/connection.h"
#include "gatehouse/hosting/reactor.h"
#include "gatehouse/hosting/server.h"

namespace gatehouse::hosting {

/// A listening socket, closed at the end.
class ListenSocket {
 public:
  explicit ListenSocket(int number) noexcept : number_(number) {}
  ListenSocket(ListenSocket&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  ListenSocket& operator=(ListenSocket&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~ListenSocket();

  int number() const noexcept { return number_; }
  int release() noexcept { return std::exchange(number_, -1); }

 private:
  int number_;
};

/// Listening sockets for `reactors` reactors: [i] are those of reactor i, one for each IP address that
/// `address` stands for, all on one port, which `address` gets when it has none. The kernel spreads
/// connections over the reactors; a Unix socket is the first one's. Fails with configuration_invalid naming
/// the address and the fix.
Result<std::vector<std::vector<ListenSocket>>> listen_on(ListenAddress& address, unsigned reactors);

class Listener final : private Waiter, private Deadline {
 public:
  Listener(Reactor& reactor, Connections& connections, ListenSocket socket, const TlsContext* tls);

  void start();  ///< on the reactor's thread, as everything else
  void stop();   ///< nothing is accepted from here on; the object may go once the reactor has come round

 private:
  void on_ready() override;
  void on_deadline() override { start(); }
  bool accept_one();

  Reactor& reactor_;
  Connections& connections_;
  Descriptor descriptor_;
  const TlsContext* tls_;
  bool is_stopped_ = false;
};

}  // namespace gatehouse::hosting
