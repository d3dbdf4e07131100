/// CounterTable — what is remembered by key, in a piece of memory that does not grow.
///
/// Each key has eight places that it may stand in. When they are taken, the one with the least to lose is
/// forgotten, the oldest of several: to make the table forget an account that was tried four times takes
/// other keys by the thousand that were tried as often. Keys have to be hashes under a secret, so that
/// nobody can aim at the places of one. Private to this room.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "gatehouse/base/clock.h"

namespace gatehouse::issuer {

/// `Value` has a member `last`, an Instant.
template <class Value>
class CounterTable {
 public:
  /// Room for `capacity` keys, rounded up to a multiple of eight.
  explicit CounterTable(std::size_t capacity)
      : places_(std::max<std::size_t>(1, (capacity + ways - 1) / ways) * ways) {}

  Value* find(std::uint64_t key) noexcept {
    for (Place& place : places_of(key))
      if (place.is_taken && place.key == key) return &place.value;
    return nullptr;
  }

  /// What stands under the key, made empty when nothing does. `weigh(value)` is what there is to lose.
  template <class Weigh>
  Value& find_or_add(std::uint64_t key, const Weigh& weigh) {
    if (Value* found = find(key)) return *found;
    const auto rank = [&](const Place& place) {
      return std::pair(place.is_taken ? weigh(place.value) + std::uint64_t{1} : 0, place.value.last);
    };
    Place& place = *std::ranges::min_element(places_of(key), {}, rank);
    place = {.key = key, .is_taken = true, .value = {}};
    return place.value;
  }

  void remove(std::uint64_t key) noexcept {
    for (Place& place : places_of(key))
      if (place.is_taken && place.key == key) place = {};
  }

 private:
  static constexpr std::size_t ways = 8;

  struct Place {
    std::uint64_t key = 0;
    bool is_taken = false;
    Value value = {};
  };

  std::span<Place> places_of(std::uint64_t key) noexcept {
    return std::span(places_).subspan(key % (places_.size() / ways) * ways, ways);
  }

  std::vector<Place> places_;
};

}  // namespace gatehouse::issuer
