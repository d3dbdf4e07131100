/// Server — listens, and serves a pipeline with HTTP/1.1, plain and over TLS, on one reactor a core.
///
/// It reads no configuration and writes no log: what it has to say comes back as a Result, a counter or a
/// callback.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/hosting/limits.h"
#include "gatehouse/http/pipeline.h"
#include "gatehouse/http/services.h"

namespace gatehouse::hosting {

struct ListenAddress {
  std::string host =
      "localhost";  ///< an IP address, "localhost" (127.0.0.1 and ::1) or "*" (all, IPv6 where there is any)
  std::uint16_t port = 0;  ///< 0 takes a free one
  bool tls = false;
  /// Path of a Unix socket, instead of all of the above: made for this user alone, and left behind at the
  /// end, for the next server to replace. A request's remote_address is "uid:1000", the user of the client.
  std::string socket = {};

  bool operator==(const ListenAddress&) const = default;
};

std::string to_url(const ListenAddress& address);  ///< "https://[::1]:8443", "unix:/run/admin.sock"

/// A request that no middleware saw, as it could not be read.
struct RejectedRequest {
  int status = 0;
  std::string_view code;  ///< a fixed word for logs and metrics: "header_too_large"
  std::string_view remote_address;
};

struct ServerOptions {
  std::vector<ListenAddress> addresses;
  std::string certificate_file;  ///< PEM, the chain behind the certificate; for addresses with `tls`
  std::string key_file;          ///< PEM, not encrypted
  Limits limits = {};
  Timeouts timeouts = {};
  std::chrono::milliseconds shutdown_timeout{
      30'000};                  ///< for requests that are being worked on when it stops
  unsigned reactors = 0;        ///< 0: one for each core that this process may use
  bool handle_signals = false;  ///< SIGTERM and SIGINT stop run(); a second one ends the process at once

  /// Called on a reactor's thread, by several at a time; must not wait.
  std::function<void(const RejectedRequest&)> on_rejected = {};
};

struct ServerStatistics {
  std::uint64_t requests_served = 0;    ///< answered by the pipeline
  std::uint64_t requests_rejected = 0;  ///< refused before it
  std::uint64_t requests_dropped = 0;   ///< cut off by the shutdown timeout
  std::uint64_t responses_defective =
      0;  ///< replaced by a 500: a header value held a line end, or a status was none
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_turned_away = 0;  ///< over the cap
};

class Server {
 public:
  /// The pipeline, the services and the clock are borrowed.
  Server(ServerOptions options, const http::Pipeline& pipeline, const http::ServiceCollection& services,
         const Clock& clock);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Takes the addresses and reads the certificate. Fails with configuration_invalid naming the address or
  /// file and the fix: a port in use, one that only root may take, an address of another machine, no
  /// certificate.
  Result<void> bind();

  /// What was bound, with the ports that were chosen: one for each of the options' addresses.
  const std::vector<ListenAddress>& addresses() const noexcept;

  /// Serves until stop(), then finishes the requests that are being worked on. Call it once, after bind().
  void run();

  /// From any thread, from a signal handler, and before run().
  void stop() noexcept;

  ServerStatistics statistics() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gatehouse::hosting
