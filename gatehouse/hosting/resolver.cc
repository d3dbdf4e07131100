#include "gatehouse/hosting/resolver.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

namespace gatehouse::hosting {
namespace {

// A look-up that hangs takes a thread for half a minute, as resolv.conf has it by default.
constexpr std::size_t threads = 2;
constexpr std::size_t most_waiting = 64;

std::unexpected<Error> unresolved(const std::string& host, std::string_view why) {
  return fail(Failure::unavailable, fmt::format("cannot resolve {}: {}", host, why));
}

std::optional<IpAddress> address_of(const sockaddr* socket_address) {
  const auto from = [](const auto& octets) {
    return IpAddress::from_octets({reinterpret_cast<const std::uint8_t*>(&octets), sizeof octets});
  };
  if (socket_address->sa_family == AF_INET)
    return from(reinterpret_cast<const sockaddr_in*>(socket_address)->sin_addr);
  if (socket_address->sa_family == AF_INET6)
    return from(reinterpret_cast<const sockaddr_in6*>(socket_address)->sin6_addr);
  return std::nullopt;
}

Result<std::vector<IpAddress>> ask_system(const std::string& host) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  if (const int failure = ::getaddrinfo(host.c_str(), nullptr, &wanted, &first); failure != 0)
    return unresolved(host, failure == EAI_SYSTEM ? std::strerror(errno) : ::gai_strerror(failure));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(first, ::freeaddrinfo);
  std::vector<IpAddress> addresses;
  for (const addrinfo* entry = first; entry; entry = entry->ai_next)
    if (const auto address = address_of(entry->ai_addr)) addresses.push_back(*address);
  return addresses;
}

}  // namespace

// Belongs to who waits and to who looks up; touched on the reactor's thread only, but for `is_wanted`.
struct Resolver::Answer {
  std::optional<Result<std::vector<IpAddress>>> addresses;
  ClientCall* waiter = nullptr;
  std::atomic<bool> is_wanted = true;

  void give_up() noexcept {
    waiter = nullptr;
    is_wanted = false;
  }
};

Resolver::Resolver(Reactor& reactor, LookUp look_up)
    : reactor_(reactor), look_up_(look_up ? std::move(look_up) : ask_system) {}

Task<Result<std::vector<IpAddress>>> Resolver::resolve(ClientCall& call, std::string host) {
  if (const auto address = IpAddress::parse(host)) co_return std::vector{*address};
  if (!pool_) pool_.emplace("name look-ups", threads, most_waiting);
  const auto answer = std::make_shared<Answer>();
  const bool is_taken = pool_->try_submit([this, host, answer] {
    if (!answer->is_wanted) return;
    reactor_.post([answer, addresses = look_up_(host)]() mutable {
      answer->addresses = std::move(addresses);
      if (answer->waiter) answer->waiter->wake();
    });
  });
  if (!is_taken) co_return unresolved(host, "too many look-ups are under way");

  // The waiter may also go without an end, with its whole task.
  const auto give_up = [](Answer* waited_for) { waited_for->give_up(); };
  const std::unique_ptr<Answer, decltype(give_up)> waiting(answer.get(), give_up);
  answer->waiter = &call;
  while (!answer->addresses && !call.is_over()) {
    const ClientCall::Sleep sleep(call);
    co_await sleep;
  }
  if (call.is_over()) co_return std::unexpected(call.reason());
  if (*answer->addresses && (*answer->addresses)->empty()) co_return unresolved(host, "it has no address");
  co_return *std::move(answer->addresses);
}

}  // namespace gatehouse::hosting
