/// Connections — all of one reactor: each a coroutine that reads requests, runs the pipeline and writes
/// answers.
///
/// A connection holds a read buffer and a parser only while it has octets of a request; an idle one is a
/// socket, a deadline and a sleeping coroutine. Everything here is called on the reactor's thread, but for
/// counters().
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/hosting/http_parser.h"
#include "gatehouse/hosting/limits.h"
#include "gatehouse/hosting/reactor.h"
#include "gatehouse/hosting/read_buffer.h"
#include "gatehouse/hosting/server.h"
#include "gatehouse/http/pipeline.h"

namespace gatehouse::hosting {

class Connection;
class TlsContext;

/// What every connection of a server does its work with. Outlives all of them.
struct Service {
  const http::Pipeline& pipeline;
  const http::ServiceCollection& services;
  const Clock& clock;
  Limits limits = {};
  Timeouts timeouts = {};
  std::function<void(const RejectedRequest&)> on_rejected =
      {};  ///< called on the reactor's thread; must not wait
};

/// Written by one thread, read by any.
class Counter {
 public:
  void add(std::uint64_t count = 1) noexcept { value_.store(get() + count, std::memory_order_relaxed); }
  std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

struct Counters {
  Counter served;       ///< requests that the pipeline answered
  Counter rejected;     ///< requests refused before it
  Counter dropped;      ///< requests that were being worked on when their connection was cut off
  Counter defects;      ///< answers of the pipeline that could not be sent and became a 500
  Counter connections;  ///< accepted
  Counter turned_away;  ///< connections over the cap
};

class Connections {
 public:
  Connections(Reactor& reactor, const Service& service);
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  /// Takes over a connected, non-blocking socket; closes it at once when there are too many.
  void accept(int socket, std::string remote_address, const TlsContext* tls);

  /// Idle connections end now, the others with their next answer. `when_none` is called when the last one has
  /// gone, later and once.
  void finish(std::function<void()> when_none);

  /// Cuts off what is left, after finish(): `when_none` is called without waiting for pipelines any more.
  /// Those that have not finished count as dropped; the memory they use must stay, as somebody may still work
  /// in it.
  void abandon();

  std::size_t size() const noexcept { return connections_.size(); }
  std::size_t running() const noexcept { return running_; }  ///< pipelines that have not finished
  const Counters& counters() const noexcept { return counters_; }

 private:
  friend class Connection;

  /// What a connection needs while it has octets of a request.
  struct Exchange {
    explicit Exchange(const Limits& limits) : parser(limits) {}
    ReadBuffer buffer;
    RequestParser parser;
    std::string out;
  };
  struct GiveBack {
    Connections* owner = nullptr;
    void operator()(Exchange* exchange) const { owner->give_back(exchange); }
  };
  using Lease = std::unique_ptr<Exchange, GiveBack>;

  Lease lease();
  void give_back(Exchange* exchange);
  void forget(Connection& connection);
  void tell_when_none();

  Reactor& reactor_;
  const Service& service_;
  Counters counters_;
  std::vector<std::unique_ptr<Exchange>> spare_;
  std::vector<Connection*> connections_;
  std::size_t running_ = 0;
  bool is_finishing_ = false;
  bool is_abandoned_ = false;
  std::function<void()> when_none_;
};

}  // namespace gatehouse::hosting
