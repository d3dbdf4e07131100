/// Published — a value that every thread reads and few replace: reading takes no lock unless it has changed.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "gatehouse/base/per_thread.h"

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
  std::shared_ptr<const T> read() const { return latest(); }

  /// The same as a reference, so that threads do not contend for a count: valid until the same thread reads
  /// or views again. Something must have been published.
  const T& view() const { return *latest(); }

 private:
  struct Copy {
    std::uint64_t version = 0;
    std::shared_ptr<const T> value;
  };

  const std::shared_ptr<const T>& latest() const {
    Copy& copy = copies_.get();
    if (copy.version != version_.load(std::memory_order_acquire)) refresh(copy);
    return copy.value;
  }

  void refresh(Copy& copy) const {
    const std::scoped_lock lock(mutex_);
    copy.version = version_.load(std::memory_order_relaxed);
    copy.value = current_;
  }

  const PerThread<Copy> copies_{[] { return Copy(); }};
  mutable std::mutex mutex_;
  std::atomic<std::uint64_t> version_ = 1;
  std::shared_ptr<const T> current_;
};

}  // namespace gatehouse
