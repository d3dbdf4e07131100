#include "gatehouse/issuer/request_throttle.h"

#include <algorithm>
#include <utility>

#include "gatehouse/issuer/login_throttle.h"

namespace gatehouse::issuer {

RequestThrottle::RequestThrottle(const RequestThrottleOptions& options,
                                 std::vector<http::IpNetwork> trusted_proxies, const Clock& clock)
    : options_(options),
      trusted_proxies_(std::move(trusted_proxies)),
      clock_(clock),
      clients_(options.entries),
      networks_(options.entries) {}

std::string RequestThrottle::network_of_client(const http::Request& request) const {
  return network_of(http::client_address(request, trusted_proxies_));
}

std::string RequestThrottle::address_of(const http::Request& request) const {
  const auto address = http::client_address(request, trusted_proxies_);
  return address ? address->text() : std::string();
}

Result<void> RequestThrottle::admit(const http::Request& request, std::string_view client) {
  const Instant now = clock_.now();
  const std::string network = network_of_client(request);
  Seconds wait{0};
  const auto look = [&](const Count* count, const LoginLimit& limit) {
    if (count && count->failures.reaches(limit, now))
      wait = std::max(wait, count->failures.remaining(now, limit.window));
  };
  const std::lock_guard lock(mutex_);
  look(clients_.find(key_('c', client, network)), options_.client);
  look(networks_.find(key_('n', network)), options_.network);
  return wait == wait.zero() ? Result<void>() : fail(Failure::throttled, std::to_string(wait.count()));
}

void RequestThrottle::failed(const http::Request& request, std::string_view client) {
  const Instant now = clock_.now();
  const std::string network = network_of_client(request);
  const auto count = [now](CounterTable<Count>& table, std::uint64_t key, const LoginLimit& limit) {
    const auto weigh = [&](const Count& one) {
      return static_cast<std::uint32_t>(one.failures.estimate(now, limit.window));
    };
    Count& counted = table.find_or_add(key, weigh);
    counted.failures.add(now, limit.window);
    counted.last = now;
  };
  const std::lock_guard lock(mutex_);
  count(clients_, key_('c', client, network), options_.client);
  count(networks_, key_('n', network), options_.network);
}

}  // namespace gatehouse::issuer
