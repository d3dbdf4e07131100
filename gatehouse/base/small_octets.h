/// SmallOctets — what was decoded: on the stack up to a size that nearly all of it has, on the heap beyond.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

namespace gatehouse {

template <std::size_t N>
class SmallOctets {
 public:
  SmallOctets() = default;
  explicit SmallOctets(std::size_t size) { resize(size); }

  /// Room for `size` octets, whose values are not determined: what stood there is gone.
  void resize(std::size_t size) {
    if (size > N) large_ = std::make_unique_for_overwrite<char[]>(size);
    size_ = size;
  }
  void assign(std::string_view octets) {
    resize(octets.size());
    std::ranges::copy(octets, data());
  }
  void clear() noexcept { size_ = 0; }

  char* data() noexcept { return size_ > N ? large_.get() : small_.data(); }
  std::string_view view() const noexcept { return {size_ > N ? large_.get() : small_.data(), size_}; }
  operator std::string_view() const noexcept { return view(); }  // NOLINT(google-explicit-constructor)
  friend bool operator==(const SmallOctets& a, std::string_view b) noexcept { return a.view() == b; }

 private:
  std::size_t size_ = 0;
  std::unique_ptr<char[]> large_;
  std::array<char, N> small_;  // NOLINT: left as it is, for what is decoded overwrites it
};

}  // namespace gatehouse
