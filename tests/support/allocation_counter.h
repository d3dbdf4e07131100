/// Allocation counter — how often this thread asks for memory; for tests of what a request may cost.
///
/// A program that counts has allocation_counter.cc among its sources, which replaces operator new and delete.
#pragma once

#include <cstddef>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define GH_THREAD_SANITIZER
#elif __has_feature(address_sanitizer)
#define GH_ADDRESS_SANITIZER
#endif
#elif defined(__SANITIZE_THREAD__)
#define GH_THREAD_SANITIZER
#elif defined(__SANITIZE_ADDRESS__)
#define GH_ADDRESS_SANITIZER
#endif

namespace gatehouse {

inline thread_local std::size_t allocations = 0;  ///< by this thread; see allocation_counter.cc

/// Where a sanitizer has to see each coroutine frame (base/task.cc) each is an allocation, unless the
/// compiler elides it, as it may beside the thread sanitizer; elsewhere none is.
#if defined(GH_THREAD_SANITIZER)
inline constexpr bool frames_are_pooled = false, frames_are_elided = true;
#elif defined(GH_ADDRESS_SANITIZER)
inline constexpr bool frames_are_pooled = false, frames_are_elided = false;
#else
inline constexpr bool frames_are_pooled = true, frames_are_elided = false;
#endif

}  // namespace gatehouse
