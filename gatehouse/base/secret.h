/// Secret — octets that are wiped when they go, never printed, and compared in constant time.
///
/// Reading them takes a call that says so: `reveal()`. A Secret has no operator<< and no fmt formatter.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view octets);
  Secret(const Secret& other);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret other) noexcept;
  ~Secret();

  std::string_view reveal() const noexcept { return octets_; }
  std::size_t size() const noexcept { return octets_.size(); }
  bool empty() const noexcept { return octets_.empty(); }

  /// Takes the same time for any two secrets of one length.
  friend bool operator==(const Secret& a, const Secret& b) noexcept;

 private:
  std::string octets_;  // heap or inline; both are wiped over their whole capacity
};

/// Overwrites the octets of `text` so that the compiler cannot leave it out, then empties it.
void wipe(std::string& text) noexcept;

/// Constant-time comparison for octets that are not held in a Secret (tags, hashes).
bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

}  // namespace gatehouse
