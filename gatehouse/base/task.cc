#include "gatehouse/base/task.h"

#include <array>
#include <new>

namespace gatehouse {
namespace {

// Address sanitizer has to see every frame come and go, or a use after free would
// find the frame's successor alive.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define GH_POOLS_FRAMES 0
#endif
#endif
#if !defined(GH_POOLS_FRAMES) && (defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__))
#define GH_POOLS_FRAMES 0
#endif
#ifndef GH_POOLS_FRAMES
#define GH_POOLS_FRAMES 1
#endif

#if GH_POOLS_FRAMES
constexpr std::size_t class_size = 128;
constexpr std::size_t classes =
    64;  // frames up to 8 KiB, callers inlined and all; larger ones are rare and go to the heap
constexpr std::size_t kept_per_class = 64;

struct FreeFrame {
  FreeFrame* next;
};

// Lists of free frames of this thread. Bounded, so that a burst does not keep its memory for ever. Nothing
// here has a destructor: other thread-locals may free frames after the pool was emptied, and then find it
// closed, not destroyed.
class FramePool {
 public:
  void* take(std::size_t index) noexcept {
    List& list = lists_[index];
    if (!list.head) return nullptr;
    --list.count;
    return std::exchange(list.head, list.head->next);
  }

  bool give(void* frame, std::size_t index) noexcept;

  void close() noexcept {
    is_closed_ = true;
    for (List& list : lists_)
      while (FreeFrame* frame = list.head) {
        list.head = frame->next;
        ::operator delete(frame);
      }
  }

 private:
  struct List {
    FreeFrame* head = nullptr;
    std::size_t count = 0;
  };
  std::array<List, classes> lists_{};
  bool is_watched_ = false;
  bool is_closed_ = false;
};

constinit thread_local FramePool pool;

// Empties the pool when the thread ends.
struct Closer {
  void watch() noexcept {}
  ~Closer() { pool.close(); }
};
thread_local Closer closer;

bool FramePool::give(void* frame, std::size_t index) noexcept {
  List& list = lists_[index];
  if (is_closed_ || list.count == kept_per_class) return false;
  if (!std::exchange(is_watched_, true))
    closer.watch();  // a thread-local is destroyed only if it was ever named
  list.head = ::new (frame) FreeFrame{list.head};
  ++list.count;
  return true;
}
#endif

}  // namespace

void* allocate_frame(std::size_t size) {
#if GH_POOLS_FRAMES
  const std::size_t index = (size - 1) / class_size;
  if (index >= classes) return ::operator new(size);
  if (void* frame = pool.take(index)) return frame;
  return ::operator new((index + 1) * class_size);
#else
  return ::operator new(size);
#endif
}

void free_frame(void* frame, std::size_t size) noexcept {
#if GH_POOLS_FRAMES
  const std::size_t index = (size - 1) / class_size;
  if (index < classes && pool.give(frame, index)) return;
#else
  static_cast<void>(size);
#endif
  ::operator delete(frame);
}

}  // namespace gatehouse
