/// Allocation counter — how often this thread asks for memory; for tests of what a request may cost.
///
/// Replaces operator new and delete of the program: include it in one of its sources only.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

namespace gatehouse {

inline thread_local std::size_t allocations = 0;  ///< by this thread, through operator new

/// Under a sanitizer each coroutine frame is an allocation of its own (base/task.cc); elsewhere none is.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool frames_are_pooled = false;
#else
inline constexpr bool frames_are_pooled = true;
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool frames_are_pooled = false;
#else
inline constexpr bool frames_are_pooled = true;
#endif

}  // namespace gatehouse

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++gatehouse::allocations;
  return std::malloc(size == 0 ? 1 : size);
}
void* operator new(std::size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
