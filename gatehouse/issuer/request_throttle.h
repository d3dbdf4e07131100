/// RequestThrottle — who shows secrets and tokens that we never gave waits, after a while.
///
/// Failures are counted by client and network, and by network; honest requests are not, and cost a look-up.
/// Nobody can guess 256 bits; this keeps the attempt from costing us. ADR 0012 has who can shut out whom by
/// it. Counters live in this process and in bounded memory. Thread-safe.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/http/client_address.h"
#include "gatehouse/http/request.h"
#include "gatehouse/issuer/counter_key.h"
#include "gatehouse/issuer/counter_table.h"
#include "gatehouse/issuer/login_limits.h"

namespace gatehouse::issuer {

struct RequestThrottleOptions {
  LoginLimit client{.failures = 20, .window = Seconds(300)};  ///< in the name of one client, from one network
  LoginLimit network{.failures = 100, .window = Seconds(600)};
  std::size_t entries = 65'536;  ///< remembered at most of each; those with the fewest failures go first
};

class RequestThrottle {
 public:
  /// `clock` must outlive it. `trusted_proxies` say who asks (client_address.h).
  RequestThrottle(const RequestThrottleOptions& options, std::vector<http::IpNetwork> trusted_proxies,
                  const Clock& clock);

  /// Whether the request may be looked at. `client` is what it says, and may be anything. Fails with
  /// throttled, the subject being the seconds to wait.
  Result<void> admit(const http::Request& request, std::string_view client);

  /// What the request showed was nothing of ours.
  void failed(const http::Request& request, std::string_view client);

  /// The client's address, for logs and lists; empty when it is unknown.
  std::string address_of(const http::Request& request) const;

 private:
  struct Count {
    WindowCount failures;
    Instant last = Instant::min();
  };

  std::string network_of_client(const http::Request& request) const;

  RequestThrottleOptions options_;
  std::vector<http::IpNetwork> trusted_proxies_;
  const Clock& clock_;
  CounterKey key_;
  std::mutex mutex_;  // of what follows
  CounterTable<Count> clients_;
  CounterTable<Count> networks_;
};

}  // namespace gatehouse::issuer
