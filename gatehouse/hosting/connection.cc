#include "gatehouse/hosting/connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <coroutine>
#include <utility>

#include "gatehouse/base/task.h"
#include "gatehouse/hosting/response_writer.h"
#include "gatehouse/hosting/tls.h"
#include "gatehouse/hosting/transport.h"

namespace gatehouse::hosting {
namespace {

constexpr std::size_t most_spare_exchanges = 64;
constexpr std::size_t largest_spare_answer = 64 * 1024;
constexpr std::size_t octets_for_one_write_deadline = 64 * 1024;
constexpr std::size_t most_octets_read_over = 16 * 1024 * 1024;
constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

class Connection final : private Deadline, private Waiter {
 public:
  Connection(Connections& owner, int socket, std::string remote_address, const TlsContext* tls)
      : owner_(owner),
        service_(owner.service_),
        reactor_(owner.reactor_),
        remote_address_(std::move(remote_address)),
        descriptor_(owner.reactor_, socket),
        transport_(socket, tls) {}

  Detached run();
  void finish();
  void abandon();

  std::size_t position = 0;  // among the owner's

 private:
  using Exchange = Connections::Exchange;
  enum class Phase : std::uint8_t {
    idle,
    busy,
    running
  };  // idle may end at any time; running belongs to the pipeline
  enum class Step : std::uint8_t { complete, refused, say_continue, wait_readable, wait_writable, ended };

  // Sleeps until the socket is ready, a deadline passes or the server wants the connection to end.
  struct Wait {
    Connection& connection;
    bool for_reading;
    bool await_ready() const noexcept {
      const Descriptor& socket = connection.descriptor_;
      return connection.is_over_ || (for_reading ? socket.is_readable() : socket.is_writable());
    }
    void await_suspend(std::coroutine_handle<> sleeper) const noexcept {
      connection.sleeper_ = sleeper;
      if (for_reading)
        connection.descriptor_.wait_readable(connection);
      else
        connection.descriptor_.wait_writable(connection);
    }
    void await_resume() const noexcept {}
  };

  // Goes on on the reactor, wherever a middleware has come back to.
  struct GoHome {
    Reactor& reactor;
    bool await_ready() const noexcept { return Executor::current() == &reactor; }
    void await_suspend(std::coroutine_handle<> stray) const {
      reactor.post([stray] { stray.resume(); });
    }
    void await_resume() const noexcept {}
  };

  void on_ready() override { std::exchange(sleeper_, {}).resume(); }
  void on_deadline() override {
    is_late_ = true;
    wake();
  }
  void wake() {
    descriptor_.stop_waiting();
    if (sleeper_) on_ready();
  }
  void arm(std::chrono::milliseconds delay) {
    is_late_ = false;
    reactor_.arm(*this, delay);
  }
  bool has_to_stop() const noexcept { return is_over_ || is_late_; }

  Task<bool> shake_hands();
  Task<void> serve();
  Task<bool> serve_requests(Exchange& exchange);
  void begin_request(Exchange& exchange);
  Step receive_now(Exchange& exchange);
  Step look(Exchange& exchange);
  Task<Step> receive_rest(Exchange& exchange, Step step);
  Step time_out();
  Task<bool> answer(Exchange& exchange);
  bool write_answer(Exchange& exchange, http::HttpContext& context);
  Task<void> refuse(Exchange& exchange);
  Step send_now(std::string_view& octets);
  Task<bool> send(std::string_view octets);
  Task<void> linger();
  Step read_over(std::size_t& octets);
  void reset_at_end() const;

  Connections& owner_;
  const Service& service_;
  Reactor& reactor_;
  std::string remote_address_;
  Descriptor descriptor_;
  Transport transport_;
  std::coroutine_handle<> sleeper_;
  Refusal refusal_;
  Phase phase_ = Phase::idle;
  bool is_over_ = false;    // the server wants it to end
  bool is_late_ = false;    // a deadline has passed
  bool has_begun_ = false;  // octets of the current request are there
  bool reads_body_ = false;
  bool said_continue_ = false;
  bool is_drained_ = true;  // the last read left nothing behind
};

Detached Connection::run() {
  co_await serve();
  owner_.forget(*this);  // and with it this object: nothing may follow
}

void Connection::finish() {
  if (phase_ != Phase::idle) return;
  is_over_ = true;
  wake();
}

void Connection::abandon() {
  is_over_ = true;
  reset_at_end();
  if (phase_ == Phase::running)
    ::shutdown(descriptor_.number(), SHUT_RDWR);
  else
    wake();
}

// What the peer has not taken by now is thrown away with the socket, instead of being offered on for minutes.
void Connection::reset_at_end() const {
  const ::linger none{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor_.number(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

Task<bool> Connection::shake_hands() {
  arm(service_.timeouts.handshake);
  for (;;) {
    descriptor_.begin_read();
    descriptor_.begin_write();
    const Io io = transport_.handshake();
    is_drained_ = !io.may_have_more;  // the first request may have come with the last of the handshake
    if (io.status == Io::Status::done) co_return true;
    if (io.status == Io::Status::ended) co_return false;
    const Wait ready{*this, io.status == Io::Status::wait_readable};
    co_await ready;
    if (has_to_stop()) co_return false;
  }
}

// A client that connects and sends nothing has as long as for a header, one that has been served as long as
// it may idle.
Task<void> Connection::serve() {
  if (transport_.is_tls()) {
    const bool is_shaken = co_await shake_hands();
    if (!is_shaken) co_return;
  }
  arm(service_.timeouts.header);
  for (;;) {
    phase_ = Phase::idle;
    if (is_drained_) {
      const Wait readable{*this, true};
      co_await readable;
    }
    if (has_to_stop()) break;
    phase_ = Phase::busy;
    const Connections::Lease exchange = owner_.lease();
    const bool goes_on = co_await serve_requests(*exchange);
    if (!goes_on || owner_.is_finishing_) co_return;
  }
  transport_.say_goodbye();
}

// Serves what is there, and comes back when there is no part of a request left. False when the connection has
// to end.
Task<bool> Connection::serve_requests(Exchange& exchange) {
  do {
    begin_request(exchange);
    Step step = receive_now(exchange);
    if (step != Step::complete && step != Step::refused && step != Step::ended) {
      if (!has_begun_ && is_drained_) co_return true;  // woken for nothing, or for a record of TLS itself
      step = co_await receive_rest(exchange, step);
    }
    if (step == Step::refused) co_await refuse(exchange);
    if (step != Step::complete) co_return false;
    const bool goes_on = co_await answer(exchange);
    if (!goes_on) co_return false;
    exchange.buffer.consume(exchange.parser.octets());
    arm(service_.timeouts.idle);
  } while (!exchange.buffer.empty() || !is_drained_);
  co_return true;
}

void Connection::begin_request(Exchange& exchange) {
  exchange.parser.reset();
  has_begun_ = reads_body_ = said_continue_ = false;
}

// Reads and looks until there is a request, or nothing more to read.
Connection::Step Connection::receive_now(Exchange& exchange) {
  for (;;) {
    if (!exchange.buffer.empty()) {
      const Step step = look(exchange);
      if (step != Step::wait_readable) return step;
    }
    if (is_drained_ && !descriptor_.is_readable()) return Step::wait_readable;
    descriptor_.begin_read();
    const std::span<char> space = exchange.buffer.space();
    const Io io = transport_.read(space);
    is_drained_ = !io.may_have_more;
    switch (io.status) {
      case Io::Status::done:
        break;
      case Io::Status::wait_readable:
        return Step::wait_readable;
      case Io::Status::wait_writable:
        return Step::wait_writable;
      case Io::Status::ended:
        return Step::ended;
    }
    exchange.buffer.commit(io.octets);
  }
}

Connection::Step Connection::look(Exchange& exchange) {
  switch (exchange.parser.advance(exchange.buffer)) {
    case RequestParser::Progress::complete:
      return Step::complete;
    case RequestParser::Progress::refused:
      refusal_ = exchange.parser.refusal();
      return Step::refused;
    case RequestParser::Progress::more:
      break;
  }
  // Each deadline begins once. A client that sends an octet now and then gains nothing by it.
  if (!has_begun_) arm(service_.timeouts.header);
  has_begun_ = true;
  if (exchange.parser.has_header() && !reads_body_) {
    reads_body_ = true;
    arm(service_.timeouts.body);
  }
  return exchange.parser.wants_continue() && !said_continue_ ? Step::say_continue : Step::wait_readable;
}

Task<Connection::Step> Connection::receive_rest(Exchange& exchange, Step step) {
  for (;;) {
    if (step == Step::say_continue) {
      said_continue_ = true;
      const bool is_sent = co_await send(continue_line);
      if (!is_sent) co_return Step::ended;
      arm(service_.timeouts.body);
    } else if (step == Step::wait_readable || step == Step::wait_writable) {
      const Wait ready{*this, step == Step::wait_readable};
      co_await ready;
      if (is_over_) co_return Step::ended;
      if (is_late_) co_return time_out();
    } else {
      co_return step;
    }
    step = receive_now(exchange);
  }
}

Connection::Step Connection::time_out() {
  if (!has_begun_) return Step::ended;
  refusal_ = {.status = 408, .code = reads_body_ ? "body_timeout" : "header_timeout"};
  return Step::refused;
}

Task<bool> Connection::answer(Exchange& exchange) {
  bool keeps_alive = false;
  reactor_.drop(*this);
  phase_ = Phase::running;
  ++owner_.running_;
  {
    http::Request& request = exchange.parser.request();
    request.remote_address = remote_address_;
    request.is_https = transport_.is_tls();
    http::HttpContext context(request, service_.services, service_.clock);
    context.trace = http::make_trace_context(request.headers);
    co_await service_.pipeline.run(context);
    const GoHome home{reactor_};
    co_await home;
    --owner_.running_;
    phase_ = Phase::busy;
    if (is_over_) co_return false;
    keeps_alive = write_answer(exchange, context);
  }
  std::string_view rest = exchange.out;
  Step step = send_now(rest);
  if (step != Step::complete && step != Step::ended) {
    const bool is_sent = co_await send(rest);
    step = is_sent ? Step::complete : Step::ended;
  }
  if (step == Step::ended) co_return false;
  if (!keeps_alive) co_await linger();
  co_return keeps_alive;
}

// True when the connection goes on after this answer.
bool Connection::write_answer(Exchange& exchange, http::HttpContext& context) {
  owner_.counters_.served.add();
  if (!is_sendable(context.response)) {
    owner_.counters_.defects.add();
    context.response = http::Response{.status = 500};
  }
  const bool keeps_alive =
      exchange.parser.keeps_alive() && !owner_.is_finishing_ && !wants_close(context.response);
  const std::string traceparent = context.trace.traceparent();
  exchange.out.clear();
  append_response(exchange.out, context.response,
                  {.date = reactor_.date(),
                   .traceparent = traceparent,
                   .is_head = context.request.method == "HEAD",
                   .keeps_alive = keeps_alive,
                   .is_version_1_0 = exchange.parser.is_version_1_0()});
  return keeps_alive;
}

// After a request that could not be read nobody knows where the next one begins, so the connection ends.
Task<void> Connection::refuse(Exchange& exchange) {
  owner_.counters_.rejected.add();
  if (service_.on_rejected)
    service_.on_rejected(
        {.status = refusal_.status, .code = refusal_.code, .remote_address = remote_address_});
  exchange.out.clear();
  append_response(exchange.out, http::Response{.status = refusal_.status},
                  {.date = reactor_.date(), .keeps_alive = false});
  const bool is_sent = co_await send(exchange.out);
  if (is_sent) co_await linger();
}

// Takes off `octets` what was sent; complete when nothing is left.
Connection::Step Connection::send_now(std::string_view& octets) {
  for (;;) {
    descriptor_.begin_write();
    const Io io = transport_.write(octets);
    switch (io.status) {
      case Io::Status::done:
        break;
      case Io::Status::wait_readable:
        return Step::wait_readable;
      case Io::Status::wait_writable:
        return Step::wait_writable;
      case Io::Status::ended:
        return Step::ended;
    }
    octets.remove_prefix(io.octets);
    if (octets.empty()) return Step::complete;
  }
}

// The deadline begins anew with each 64 KiB, so that a large answer may take its time, but not for ever.
Task<bool> Connection::send(std::string_view octets) {
  arm(service_.timeouts.write);
  std::size_t left_at_deadline = octets.size();
  for (;;) {
    const Step step = send_now(octets);
    if (step == Step::complete) co_return true;
    if (step == Step::ended) co_return false;
    if (left_at_deadline - octets.size() >= octets_for_one_write_deadline) {
      left_at_deadline = octets.size();
      arm(service_.timeouts.write);
    }
    const Wait ready{*this, step == Step::wait_readable};
    co_await ready;
    if (has_to_stop()) {
      reset_at_end();
      co_return false;
    }
  }
}

// To close a socket that holds unread octets makes the peer's system throw away the answer that is on its
// way.
Task<void> Connection::linger() {
  transport_.say_goodbye();
  ::shutdown(descriptor_.number(), SHUT_WR);
  phase_ = Phase::idle;
  arm(service_.timeouts.linger);
  std::size_t octets = 0;
  for (;;) {
    descriptor_.begin_read();
    const Step step = read_over(octets);
    if (step == Step::ended || owner_.is_finishing_) co_return;
    const Wait readable{*this, true};
    co_await readable;
    if (has_to_stop()) co_return;
  }
}

Connection::Step Connection::read_over(std::size_t& octets) {
  std::array<char, 16 * 1024> scratch;
  while (octets < most_octets_read_over) {
    const ssize_t received = ::recv(descriptor_.number(), scratch.data(), scratch.size(), 0);
    if (received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Step::wait_readable;
    if (received <= 0) return Step::ended;
    octets += static_cast<std::size_t>(received);
  }
  return Step::ended;
}

Connections::Connections(Reactor& reactor, const Service& service) : reactor_(reactor), service_(service) {}
Connections::~Connections() = default;

void Connections::accept(int socket, std::string remote_address, const TlsContext* tls) {
  if (is_finishing_ || connections_.size() >= service_.limits.connections_per_reactor) {
    counters_.turned_away.add();
    ::close(socket);
    return;
  }
  counters_.connections.add();
  auto* connection = new Connection(*this, socket, std::move(remote_address), tls);
  connection->position = connections_.size();
  connections_.push_back(connection);
  connection->run();
}

void Connections::forget(Connection& connection) {
  connections_.back()->position = connection.position;
  connections_[connection.position] = connections_.back();
  connections_.pop_back();
  delete &connection;
  tell_when_none();
}

void Connections::finish(std::function<void()> when_none) {
  is_finishing_ = true;
  when_none_ = std::move(when_none);
  // Each may be gone after its call; the last one then takes its place.
  for (std::size_t i = connections_.size(); i-- > 0;) connections_[i]->finish();
  tell_when_none();
}

void Connections::abandon() {
  is_abandoned_ = true;
  counters_.dropped.add(running_);
  for (std::size_t i = connections_.size(); i-- > 0;) connections_[i]->abandon();
  tell_when_none();
}

void Connections::tell_when_none() {
  if (!is_finishing_ || !when_none_ || connections_.size() > (is_abandoned_ ? running_ : 0)) return;
  reactor_.post(std::exchange(when_none_, nullptr));
}

Connections::Lease Connections::lease() {
  if (spare_.empty()) return Lease(new Exchange(service_.limits), GiveBack{this});
  Exchange* exchange = spare_.back().release();
  spare_.pop_back();
  return Lease(exchange, GiveBack{this});
}

void Connections::give_back(Exchange* exchange) {
  std::unique_ptr<Exchange> owned(exchange);
  if (spare_.size() >= most_spare_exchanges) return;
  owned->buffer.reset();
  if (owned->out.capacity() > largest_spare_answer) owned->out = {};
  spare_.push_back(std::move(owned));
}

}  // namespace gatehouse::hosting
