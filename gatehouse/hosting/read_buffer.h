/// ReadBuffer — octets of one connection, in one piece: received at the end, used up at the front.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace gatehouse::hosting {

class ReadBuffer {
 public:
  static constexpr std::size_t initial_capacity = 4 * 1024;  // most requests with a token fit

  char* data() noexcept { return storage_.get() + begin_; }
  std::size_t size() const noexcept { return end_ - begin_; }
  bool empty() const noexcept { return begin_ == end_; }
  std::size_t capacity() const noexcept { return capacity_; }
  std::string_view view() const noexcept { return {storage_.get() + begin_, size()}; }

  /// Room behind the last octet, never none. What is held may move to make it.
  std::span<char> space() {
    if (end_ == capacity_) make_space();
    return {storage_.get() + end_, capacity_ - end_};
  }
  void commit(std::size_t count) noexcept { end_ += count; }

  /// Forgets the first `count` octets; the others stay where they are.
  void consume(std::size_t count) noexcept {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  /// Takes the octets from `from` to `to` out; what is in front of them stays where it is.
  void cut(std::size_t from, std::size_t to) noexcept {
    if (from == to) return;
    std::memmove(data() + from, data() + to, size() - to);
    end_ -= to - from;
  }

  /// Empties it, and gives back memory that a large request made it take.
  void reset() {
    begin_ = end_ = 0;
    if (capacity_ > initial_capacity) *this = ReadBuffer();
  }

 private:
  // The front is used first: a buffer that only holds a short rest of pipelined requests does not grow.
  void make_space() {
    const std::size_t wanted = size() > capacity_ / 2 ? std::max(initial_capacity, 2 * capacity_) : capacity_;
    const std::size_t held = size();
    if (wanted == capacity_) {
      std::memmove(storage_.get(), data(), held);
    } else {
      auto larger = std::make_unique_for_overwrite<char[]>(wanted);
      if (held > 0) std::memcpy(larger.get(), data(), held);
      storage_ = std::move(larger);
      capacity_ = wanted;
    }
    begin_ = 0;
    end_ = held;
  }

  std::unique_ptr<char[]> storage_ = std::make_unique_for_overwrite<char[]>(initial_capacity);
  std::size_t capacity_ = initial_capacity;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace gatehouse::hosting
