// One text has one meaning, every way to decode says the same, and what is encoded comes back.

#include <algorithm>

#include "gatehouse/base/base64url.h"
#include "gatehouse/base/base64url_paths.h"
#include "tests/fuzz/fuzz.h"

namespace gatehouse {
namespace {

// RFC 4648 §5 bit by bit: slow, and written without a look at the other ones.
bool decode_slowly(std::string_view text, std::string& octets) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  octets.clear();
  unsigned bits = 0, count = 0;
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == alphabet.npos) return false;
    bits = bits << 6 | static_cast<unsigned>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    octets += static_cast<char>(bits >> count);
    bits &= (1u << count) - 1;
  }
  return count < 6 && bits == 0;
}

bool same_by_vectors(std::string_view text) {
  if (text.size() < base64url::vector_characters || !base64url::has_vectors()) return true;
  std::string one(base64url::decoded_size(text.size()), '\0'), other = one;
  const bool portably = base64url::decode_portably(text, one.data());
  return base64url::decode_by_vectors(text, other.data()) == portably && (!portably || one == other);
}

void judge(std::string_view text) {
  static std::string expected, encoded;
  const auto octets = base64url::decode(text);
  promise(octets.has_value() == decode_slowly(text, expected));
  promise(!octets || (*octets == expected && base64url::encode(*octets) == text));
  promise(same_by_vectors(text));

  encoded = ".";
  base64url::append(encoded, text);
  promise(encoded.size() == 1 + (text.size() * 4 + 2) / 3 && encoded.front() == '.');
  promise(base64url::decode(std::string_view(encoded).substr(1)) == text);
}

}  // namespace
}  // namespace gatehouse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatehouse::judge(gatehouse::text_of(data, size));
  return 0;
}
