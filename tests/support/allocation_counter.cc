#include "tests/support/allocation_counter.h"

#include <cstdlib>
#include <new>

#if defined(GH_THREAD_SANITIZER)

// Its runtime has the operators itself, and tells of each malloc, be it of theirs or of C.
extern "C" void __sanitizer_malloc_hook(const volatile void*, std::size_t);  // NOLINT(*-reserved-identifier)
extern "C" void __sanitizer_malloc_hook(const volatile void*, std::size_t) { ++gatehouse::allocations; }

#else

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++gatehouse::allocations;
  return std::malloc(size == 0 ? 1 : size);
}

void* operator new(std::size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}

// NOLINTBEGIN(clang-analyzer-cplusplus.NewDelete): this is what deletes
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
// NOLINTEND(clang-analyzer-cplusplus.NewDelete)

#endif
