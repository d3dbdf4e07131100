/// ClientCall — one request of an HttpClient under way: what it waits for, and until when; private to this
/// room.
///
/// It sleeps in one place at a time. Whatever wakes it, it looks again at what it waited for.
#pragma once

#include <chrono>
#include <coroutine>
#include <optional>
#include <utility>

#include "gatehouse/base/error.h"
#include "gatehouse/hosting/reactor.h"

namespace gatehouse::hosting {

class ClientCall final : private Waiter {
 public:
  ClientCall() = default;
  ClientCall(const ClientCall&) = delete;
  ClientCall& operator=(const ClientCall&) = delete;

  /// There is nothing more to wait for; the first reason counts. May run the call to its end.
  void end(Error reason) {
    if (!reason_) reason_ = std::move(reason);
    wake();
  }
  bool is_over() const noexcept { return reason_.has_value(); }
  const Error& reason() const noexcept { return *reason_; }
  void wake() {
    if (sleeper_) std::exchange(sleeper_, {}).resume();
  }

  class Sleep {
   public:
    explicit Sleep(ClientCall& call) noexcept : call_(call) {}
    bool await_ready() const noexcept { return call_.is_over(); }
    void await_suspend(std::coroutine_handle<> sleeper) const noexcept { call_.sleeper_ = sleeper; }
    void await_resume() const noexcept {}

   private:
    ClientCall& call_;
  };

  class SocketSleep {
   public:
    enum class Until : std::uint8_t { readable, writable };
    SocketSleep(ClientCall& call, Descriptor& socket, Until until) noexcept
        : call_(call), socket_(socket), until_(until) {}
    bool await_ready() const noexcept {
      return call_.is_over() || (until_ == Until::readable ? socket_.is_readable() : socket_.is_writable());
    }
    void await_suspend(std::coroutine_handle<> sleeper) const noexcept {
      call_.sleeper_ = sleeper;
      if (until_ == Until::readable)
        socket_.wait_readable(call_);
      else
        socket_.wait_writable(call_);
    }
    void await_resume() const noexcept { socket_.stop_waiting(); }

   private:
    ClientCall& call_;
    Descriptor& socket_;
    Until until_;
  };

 private:
  void on_ready() override { wake(); }

  std::coroutine_handle<> sleeper_;
  std::optional<Error> reason_;
};

/// Ends a call when its time has come, or, without a reason, wakes it.
class CallAlarm final : public Deadline {
 public:
  CallAlarm(Reactor& reactor, ClientCall& call, std::chrono::milliseconds delay,
            std::optional<Error> reason = {})
      : call_(call), reason_(std::move(reason)) {
    reactor.arm(*this, delay);
  }
  bool has_rung() const noexcept { return has_rung_; }

 private:
  void on_deadline() override {
    has_rung_ = true;
    if (reason_)
      call_.end(*std::move(reason_));
    else
      call_.wake();
  }

  ClientCall& call_;
  std::optional<Error> reason_;
  bool has_rung_ = false;
};

}  // namespace gatehouse::hosting
