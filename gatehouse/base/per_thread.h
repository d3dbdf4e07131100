/// PerThread — an object that every thread has one of its own of, so that nobody shares or locks it.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace gatehouse {

template <class T>
class PerThread {
 public:
  /// `make` is called on each thread that asks, once.
  explicit PerThread(std::function<T()> make)
      : make_(std::make_shared<std::function<T()>>(std::move(make))) {}

  /// This thread's own. It goes with its thread, or when the thread makes another after this PerThread has
  /// gone.
  T& get() const {
    thread_local std::vector<Own> all;
    for (const Own& own : all)
      if (own.owner_address == make_.get() && !own.owner.expired()) return *own.object;
    std::erase_if(all, [](const Own& own) { return own.owner.expired(); });
    all.push_back({.owner_address = make_.get(), .owner = make_, .object = std::make_unique<T>((*make_)())});
    return *all.back().object;
  }

 private:
  struct Own {
    const void* owner_address;
    std::weak_ptr<void> owner;  // an address may be another's later
    std::unique_ptr<T> object;
  };

  std::shared_ptr<std::function<T()>> make_;
};

}  // namespace gatehouse
