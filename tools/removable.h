// What tools/remove_checks.py compiles into its copy of the tree: every check asks here whether it is the one
// that is gone. GATEHOUSE_REMOVED names it by number; GATEHOUSE_REACHED names the file that the numbers asked
// for go to.
#pragma once
#include <cstdio>
#include <cstdlib>

namespace removable {

constexpr int most = 100'000;

inline const int chosen = [] {
  const char* number = std::getenv("GATEHOUSE_REMOVED");
  return number ? std::atoi(number) : 0;
}();

struct Reached {
  bool numbers[most] = {};
  ~Reached() {
    const char* path = std::getenv("GATEHOUSE_REACHED");
    std::FILE* file = path ? std::fopen(path, "w") : nullptr;
    for (int i = 0; file && i < most; ++i)
      if (numbers[i]) std::fprintf(file, "%d\n", i);
    if (file) std::fclose(file);
  }
};
inline Reached reached;

constexpr bool gone(int number) noexcept {
  if consteval {
    return false;
  }
  reached.numbers[number] = true;
  return number == chosen;
}

template <int number, class A, class B>
constexpr bool less(const A& a, const B& b) {
  return gone(number) ? a <= b : a < b;
}
template <int number, class A, class B>
constexpr bool less_equal(const A& a, const B& b) {
  return gone(number) ? a < b : a <= b;
}
template <int number, class A, class B>
constexpr bool greater(const A& a, const B& b) {
  return gone(number) ? a >= b : a > b;
}
template <int number, class A, class B>
constexpr bool greater_equal(const A& a, const B& b) {
  return gone(number) ? a > b : a >= b;
}
template <int number, class T>
constexpr T max(const T& a, const T& b) {
  return (a < b) != gone(number) ? b : a;
}
template <int number, class T>
constexpr T min(const T& a, const T& b) {
  return (b < a) != gone(number) ? b : a;
}

}  // namespace removable
