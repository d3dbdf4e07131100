/// Reactor — one thread that waits for sockets, and everything that happens on it.
///
/// Its source is the only one that knows Asio. Nothing here is shared between reactors; except for post() and
/// stop(), everything is called on the reactor's own thread, or before it runs.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/executor.h"
#include "gatehouse/hosting/timer_wheel.h"

namespace gatehouse::hosting {

class Reactor final : public Executor {
 public:
  enum class Ticking : std::uint8_t { by_clock, by_hand };  ///< by hand: tests call tick()

  explicit Reactor(const Clock& clock, Ticking ticking = Ticking::by_clock);
  ~Reactor() override;
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  void run();        ///< on the calling thread, until stop()
  void run_ready();  ///< what can be done now, without waiting: for tests
  void stop();       ///< from any thread
  void post(std::move_only_function<void()> work) override;  ///< from any thread; after the end it is lost

  void arm(Deadline& deadline, std::chrono::milliseconds delay);
  void drop(Deadline& deadline) noexcept { wheel_.drop(deadline); }
  void tick();

  /// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7), at most a tick old while anything is armed.
  std::string_view date();

 private:
  friend class Descriptor;
  struct Loop;
  void schedule_tick();
  void await_events();
  void take_events();

  const Clock& clock_;
  const Ticking ticking_;
  TimerWheel wheel_;
  std::unique_ptr<Loop> loop_;
  std::string date_;
  std::int64_t date_second_ = -1;
  bool is_date_old_ = true;
  bool is_ticking_ = false;
};

/// Who waits for a Descriptor.
class Waiter {
 public:
  virtual void on_ready() = 0;

 protected:
  ~Waiter() = default;
};

/// An open, non-blocking file descriptor of one reactor, closed at the end.
///
/// It tells of changes: becoming readable is told once, and again only when octets come after that. So
/// whoever waits has read everything before, which saves asking the system to tell again (a call to epoll_ctl
/// for each request).
class Descriptor {
 public:
  Descriptor(Reactor& reactor, int number);  ///< takes `number` over
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const noexcept { return number_; }

  // Before reading and before writing: what happened until then is part of what that call will find.
  void begin_read() noexcept { is_readable_ = false; }
  void begin_write() noexcept { is_writable_ = false; }
  bool is_readable() const noexcept { return is_readable_ || is_hung_up_; }  ///< became so since begin_read()
  bool is_writable() const noexcept { return is_writable_; }  ///< became so since begin_write()

  /// Calls `waiter` once, later, when it becomes readable or writable. Not for what is_readable() says
  /// already.
  void wait_readable(Waiter& waiter) noexcept { reader_ = &waiter; }
  void wait_writable(Waiter& waiter) noexcept { writer_ = &waiter; }
  void stop_waiting() noexcept { reader_ = writer_ = nullptr; }

 private:
  friend class Reactor;
  void take_event(std::uint32_t events);

  Reactor& reactor_;
  int number_;
  bool is_readable_ = false;
  bool is_writable_ = false;
  bool is_hung_up_ = false;  // the end is told only once, maybe together with the last octets
  Waiter* reader_ = nullptr;
  Waiter* writer_ = nullptr;
};

}  // namespace gatehouse::hosting
