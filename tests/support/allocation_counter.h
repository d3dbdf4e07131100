/// Allocation counter — how often this thread asks for memory; for tests of what a request may cost.
///
/// A program that counts has allocation_counter.cc among its sources, which replaces operator new and delete.
#pragma once

#include <cstddef>

namespace gatehouse {

inline thread_local std::size_t allocations = 0;  ///< by this thread, through operator new

/// The thread sanitizer keeps operator new to itself.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define GH_COUNTS_NO_ALLOCATIONS
#endif
#endif
#if defined(GH_COUNTS_NO_ALLOCATIONS)
inline constexpr bool allocations_are_counted = false;
#else
inline constexpr bool allocations_are_counted = true;
#endif

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
