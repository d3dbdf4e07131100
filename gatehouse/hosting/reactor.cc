#include "gatehouse/hosting/reactor.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <iterator>
#include <utility>

namespace gatehouse::hosting {
namespace {

namespace asio = boost::asio;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                               asio::io_context::executor_type>;

// After a pause of the whole process, time goes on from where it was: nobody is cut off for our sleep.
constexpr int most_ticks_at_once = 10;

// OpenSSL writes with write(2), which sends SIGPIPE when the peer has gone. Blocked, it is an error code like
// any other.
void block_broken_pipe() {
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
}

std::string format_date(std::int64_t second) {
  static constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::sys_seconds time{std::chrono::seconds(second)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

}  // namespace

// Sockets are in an epoll set of their own, each entered once and told of at its edges; Asio waits for the
// set as it would for one socket. Asio's own waits cost a call to epoll_ctl, or a recv that finds nothing,
// for each request.
struct Reactor::Loop {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  Timer timer{context.get_executor()};
  asio::posix::basic_stream_descriptor<asio::io_context::executor_type> sockets{
      context.get_executor(), ::epoll_create1(EPOLL_CLOEXEC)};
  std::array<epoll_event, 128> events;
  std::size_t next_event = 0;
  std::size_t events_end = 0;
};

Reactor::Reactor(const Clock& clock, Ticking ticking)
    : clock_(clock), ticking_(ticking), loop_(std::make_unique<Loop>()) {
  await_events();
}
Reactor::~Reactor() = default;

void Reactor::run() {
  block_broken_pipe();
  const Scope scope(*this);
  loop_->context.run();
}

void Reactor::run_ready() {
  block_broken_pipe();
  const Scope scope(*this);
  while (loop_->context.poll() > 0) continue;
}

void Reactor::stop() { loop_->context.stop(); }

void Reactor::post(std::move_only_function<void()> work) {
  asio::post(loop_->context, [work = std::move(work)]() mutable { work(); });
}

void Reactor::arm(Deadline& deadline, std::chrono::milliseconds delay) {
  wheel_.arm(deadline, delay);
  if (is_ticking_ || ticking_ == Ticking::by_hand) return;
  is_ticking_ = true;
  is_date_old_ = true;
  loop_->timer.expires_after(TimerWheel::resolution);
  schedule_tick();
}

void Reactor::tick() {
  is_date_old_ = true;
  wheel_.tick();
}

void Reactor::schedule_tick() {
  loop_->timer.async_wait([this](const boost::system::error_code& failure) {
    if (failure) return;
    const auto now = std::chrono::steady_clock::now();
    for (int i = 0; i < most_ticks_at_once && loop_->timer.expiry() <= now; ++i) {
      tick();
      loop_->timer.expires_at(loop_->timer.expiry() + TimerWheel::resolution);
    }
    if (loop_->timer.expiry() <= now) loop_->timer.expires_after(TimerWheel::resolution);
    is_ticking_ = !wheel_.empty();
    if (is_ticking_) schedule_tick();
  });
}

std::string_view Reactor::date() {
  if (is_date_old_) {
    is_date_old_ = !is_ticking_ && ticking_ == Ticking::by_clock;
    const std::int64_t second = to_unix_seconds(clock_.now());
    if (std::exchange(date_second_, second) != second) date_ = format_date(second);
  }
  return date_;
}

void Reactor::await_events() {
  loop_->sockets.async_wait(asio::posix::descriptor_base::wait_read,
                            [this](const boost::system::error_code& failure) {
                              if (failure) return;
                              take_events();
                              await_events();
                            });
}

void Reactor::take_events() {
  Loop& loop = *loop_;
  const int count =
      ::epoll_wait(loop.sockets.native_handle(), loop.events.data(), static_cast<int>(loop.events.size()), 0);
  loop.events_end = count > 0 ? static_cast<std::size_t>(count) : 0;
  for (loop.next_event = 0; loop.next_event < loop.events_end;) {
    const epoll_event& event = loop.events[loop.next_event++];
    if (event.data.ptr) static_cast<Descriptor*>(event.data.ptr)->take_event(event.events);
  }
}

Descriptor::Descriptor(Reactor& reactor, int number) : reactor_(reactor), number_(number) {
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = this}};
  ::epoll_ctl(reactor.loop_->sockets.native_handle(), EPOLL_CTL_ADD, number, &event);
}

// Closing takes it out of the set, but not out of the events that are being worked through.
Descriptor::~Descriptor() {
  ::close(number_);
  Reactor::Loop& loop = *reactor_.loop_;
  for (std::size_t i = loop.next_event; i < loop.events_end; ++i)
    if (loop.events[i].data.ptr == this) loop.events[i].data.ptr = nullptr;
}

// A waiter may end what this belongs to, so nothing is touched after it is called. Nobody waits for both.
void Descriptor::take_event(std::uint32_t events) {
  const bool is_gone = events & (EPOLLERR | EPOLLHUP);  // reading and writing will tell how
  is_hung_up_ = is_hung_up_ || is_gone || (events & EPOLLRDHUP);
  is_readable_ = is_readable_ || (events & EPOLLIN);
  is_writable_ = is_writable_ || is_gone || (events & EPOLLOUT);
  if (reader_ && is_readable()) return std::exchange(reader_, nullptr)->on_ready();
  if (writer_ && is_writable()) return std::exchange(writer_, nullptr)->on_ready();
}

}  // namespace gatehouse::hosting
