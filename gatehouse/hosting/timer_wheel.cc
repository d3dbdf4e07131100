#include "gatehouse/hosting/timer_wheel.h"

#include <algorithm>

namespace gatehouse::hosting {

Deadline::~Deadline() {
  if (wheel_) wheel_->unlink(*this);
}

TimerWheel::~TimerWheel() {
  for (Deadline* head : heads_)
    while (head) {
      head->wheel_ = nullptr;
      head = head->next_;
    }
}

// A due date beyond one turn of the wheel waits in its last slot, and goes on from there.
void TimerWheel::link(Deadline& deadline) noexcept {
  deadline.looked_at_ = std::min(deadline.due_, now_ + slots - 1);
  Deadline*& head = heads_[deadline.looked_at_ % slots];
  deadline.wheel_ = this;
  deadline.previous_ = nullptr;
  deadline.next_ = head;
  if (head) head->previous_ = &deadline;
  head = &deadline;
  ++linked_;
}

void TimerWheel::unlink(Deadline& deadline) noexcept {
  if (deadline.previous_)
    deadline.previous_->next_ = deadline.next_;
  else
    heads_[deadline.looked_at_ % slots] = deadline.next_;
  if (deadline.next_) deadline.next_->previous_ = deadline.previous_;
  deadline.wheel_ = nullptr;
  --linked_;
}

// A connection goes back and forth between a near deadline and a far one with every request. It stays in the
// slot of the near one; only when that comes round is it hung further on.
void TimerWheel::arm(Deadline& deadline, std::chrono::milliseconds delay) {
  const auto whole =
      static_cast<std::uint64_t>((delay + resolution - std::chrono::milliseconds(1)) / resolution);
  deadline.due_ = now_ + whole + 1;  // the tick that is running counts for nothing
  if (deadline.wheel_ && deadline.looked_at_ <= deadline.due_) return;
  if (deadline.wheel_) unlink(deadline);
  link(deadline);
}

// Whatever is called may change the list in any way, so each step begins at its head. Nothing comes back to
// this slot.
void TimerWheel::tick() {
  ++now_;
  while (Deadline* deadline = heads_[now_ % slots]) {
    unlink(*deadline);
    if (deadline->due_ == Deadline::never) continue;
    if (deadline->due_ > now_) {
      link(*deadline);
      continue;
    }
    deadline->due_ = Deadline::never;
    deadline->on_deadline();
  }
}

}  // namespace gatehouse::hosting
