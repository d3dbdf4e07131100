/// Read buffer under test — octets put into one as a socket would.
#pragma once

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>

#include "gatehouse/hosting/read_buffer.h"

namespace gatehouse::hosting {

inline void append(ReadBuffer& buffer, std::string_view octets) {
  while (!octets.empty()) {
    const std::span<char> space = buffer.space();
    const std::size_t count = std::min(space.size(), octets.size());
    std::memcpy(space.data(), octets.data(), count);
    buffer.commit(count);
    octets.remove_prefix(count);
  }
}

}  // namespace gatehouse::hosting
