/// ClientConnection — one connection of an HttpClient to a server or a proxy; private to this room.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/ip_address.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"
#include "gatehouse/hosting/client_call.h"
#include "gatehouse/hosting/read_buffer.h"
#include "gatehouse/hosting/response_parser.h"
#include "gatehouse/hosting/tls_client.h"
#include "gatehouse/hosting/transport.h"

namespace gatehouse::hosting {

class ClientConnection {
 public:
  /// Tries one address after the other; each has an equal share of `timeout`. Fails with unavailable, the
  /// subject saying why the last one could not be connected to, or with the reason of `call`.
  static Task<Result<std::unique_ptr<ClientConnection>>> open(Reactor& reactor, ClientCall& call,
                                                              std::vector<IpAddress> addresses,
                                                              std::uint16_t port,
                                                              std::chrono::milliseconds timeout);

  ClientConnection(Reactor& reactor, int socket);  ///< takes over a connected, non-blocking socket

  /// From here on everything is under TLS, with a server that has a certificate for `host`. Fails with
  /// unavailable: "TLS: certificate has expired".
  Task<Result<void>> start_tls(ClientCall& call, const TlsClientContext& tls, std::string host);

  /// Sends `octets`, and reads until `parser` has a response. An answer that comes although not all could be
  /// sent is one.
  Task<Result<HttpClientResponse>> exchange(ClientCall& call, ResponseParser& parser, std::string octets);

  bool has_answered() const noexcept { return has_answered_; }  ///< octets came since the last exchange began
  bool has_rest() const noexcept { return !buffer_.empty() || transport_->has_pending(); }

  /// Nothing has come: neither octets nor an end. What came is no answer to anything.
  bool is_quiet();
  void become_idle();  ///< gives back memory that a large answer took
  void watch(Waiter& waiter) noexcept { descriptor_.wait_readable(waiter); }  ///< of a quiet one
  void stop_watching() noexcept { descriptor_.stop_waiting(); }
  void say_goodbye() { transport_->say_goodbye(); }

 private:
  using Until = ClientCall::SocketSleep::Until;

  static Task<Result<std::unique_ptr<ClientConnection>>> open_one(Reactor& reactor, ClientCall& call,
                                                                  IpAddress address, std::uint16_t port,
                                                                  std::chrono::milliseconds timeout);
  Task<bool> send(ClientCall& call, std::string_view octets);
  Task<Result<HttpClientResponse>> receive(ClientCall& call, ResponseParser& parser);

  Descriptor descriptor_;
  std::optional<Transport> transport_;
  ReadBuffer buffer_;
  bool has_answered_ = false;
};

}  // namespace gatehouse::hosting
