// One text has one meaning, and what is encoded comes back.

#include "gatehouse/base/base64url.h"
#include "tests/fuzz/fuzz.h"

namespace gatehouse {
namespace {

void judge(std::string_view text) {
  promise(base64url::decode(base64url::encode(text)) == text);
  if (const auto octets = base64url::decode(text)) promise(base64url::encode(*octets) == text);
}

}  // namespace
}  // namespace gatehouse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatehouse::judge(gatehouse::text_of(data, size));
  return 0;
}
