/// CounterKey — what a CounterTable has for a name: a hash under a secret of this process, so that nobody can
/// aim at the places of another. Private to this room.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace gatehouse::issuer {

class CounterKey {
 public:
  CounterKey();

  /// `kind` keeps apart what is counted side by side. SipHash-2-4.
  std::uint64_t operator()(char kind, std::string_view first, std::string_view second = {}) const;

 private:
  std::array<unsigned char, 16> secret_;
};

}  // namespace gatehouse::issuer
