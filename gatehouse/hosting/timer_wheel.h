/// TimerWheel — coarse deadlines by the thousand: to arm, move or drop one costs a few instructions.
///
/// Time is what tick() says it is: 100 milliseconds a call. One thread only.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace gatehouse::hosting {

class TimerWheel;

/// Something that is to happen unless it is moved or dropped before. Part of what it is about; it drops
/// itself when it goes.
class Deadline {
 public:
  Deadline() = default;
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  virtual void on_deadline() = 0;

 protected:
  ~Deadline();

 private:
  friend class TimerWheel;
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

  Deadline* previous_ = nullptr;
  Deadline* next_ = nullptr;
  TimerWheel* wheel_ = nullptr;      // while it hangs in a slot
  std::uint64_t looked_at_ = never;  // the tick whose slot it hangs in
  std::uint64_t due_ = never;  // not before looked_at_: a later due date is noticed when the slot comes round
};

class TimerWheel {
 public:
  static constexpr std::chrono::milliseconds resolution{100};

  TimerWheel() = default;
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;
  ~TimerWheel();

  /// `deadline` comes after at least `delay`, and at most one tick more. Replaces what it was armed for.
  void arm(Deadline& deadline, std::chrono::milliseconds delay);
  void drop(Deadline& deadline) noexcept { deadline.due_ = Deadline::never; }

  /// Moves time on by one step and calls what is due. A deadline may arm, drop or destroy itself and others
  /// meanwhile.
  void tick();

  bool empty() const noexcept { return linked_ == 0; }  ///< no further tick is needed

 private:
  friend class Deadline;
  static constexpr std::size_t slots = 1024;

  void link(Deadline& deadline) noexcept;
  void unlink(Deadline& deadline) noexcept;

  std::array<Deadline*, slots> heads_{};
  std::uint64_t now_ = 0;
  std::size_t linked_ = 0;
};

}  // namespace gatehouse::hosting
