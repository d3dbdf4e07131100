/// Published — a value that every thread reads and few replace: reading takes no lock unless it has changed.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace gatehouse {

/// Each thread keeps its own reference to what it read last, and takes another one only when the version has
/// moved on: a reader costs one atomic load. (std::atomic<std::shared_ptr> of libstdc++ 12 is not clean under
/// the thread sanitizer, and locks.)
template <class T>
class Published {
 public:
  explicit Published(std::shared_ptr<const T> first = nullptr) : current_(std::move(first)) {}
  Published(const Published&) = delete;
  Published& operator=(const Published&) = delete;

  void publish(std::shared_ptr<const T> next) {
    const std::scoped_lock lock(mutex_);
    current_.swap(next);
    version_.fetch_add(1, std::memory_order_release);
  }  // what it replaced goes when the last thread has read again

  /// What was published last. A value that a thread has read lives on at least until the same thread reads
  /// again.
  std::shared_ptr<const T> read() const {
    Copy& copy = copy_of_this_thread();
    if (copy.version != version_.load(std::memory_order_acquire)) refresh(copy);
    return copy.value;
  }

 private:
  struct Copy {
    std::uint64_t owner = 0;
    std::uint64_t version = 0;
    std::shared_ptr<const T> value;
  };

  // A thread reads a few of these at most; the copy of one that is gone makes room for the next.
  Copy& copy_of_this_thread() const {
    constexpr std::size_t most = 16;
    thread_local std::vector<Copy> copies;
    thread_local std::size_t oldest = 0;
    for (Copy& copy : copies)
      if (copy.owner == id_) return copy;
    if (copies.size() < most) return copies.emplace_back(Copy{.owner = id_});
    Copy& reused = copies[std::exchange(oldest, (oldest + 1) % most)];
    reused = {.owner = id_};
    return reused;
  }

  void refresh(Copy& copy) const {
    const std::scoped_lock lock(mutex_);
    copy.version = version_.load(std::memory_order_relaxed);
    copy.value = current_;
  }

  static std::uint64_t next_id() {
    static std::atomic<std::uint64_t> last = 0;
    return ++last;
  }

  const std::uint64_t id_ = next_id();  // never used twice, unlike an address
  mutable std::mutex mutex_;
  std::atomic<std::uint64_t> version_ = 1;
  std::shared_ptr<const T> current_;
};

}  // namespace gatehouse
