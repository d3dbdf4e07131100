// A decoded path begins with a slash and has no segment that leads elsewhere.

#include "gatehouse/http/request.h"
#include "gatehouse/http/request_target.h"
#include "tests/fuzz/fuzz.h"

namespace gatehouse {
namespace {

void judge(std::string_view text) {
  for (const char* method : {"GET", "OPTIONS"}) {
    const auto target = http::split_target(method, text);
    if (!target) continue;
    promise(text.contains(target->path) && text.contains(target->query) && text.contains(target->authority));
    if (target->path == "*") continue;
    const auto path = http::decode_path(target->path);
    if (!path) continue;
    promise(path->starts_with('/') && !path->contains("//") && !path->contains('\\') &&
            !path->contains('\0'));
    promise(!(*path + '/').contains("/./") && !(*path + '/').contains("/../"));
  }
  if (http::is_authority(text)) promise(text.find_first_of("@/\\?#, %\t\r\n") == text.npos);
  const auto component = http::decode_component(text);
  promise(!component || component->size() <= text.size());
}

}  // namespace
}  // namespace gatehouse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatehouse::judge(gatehouse::text_of(data, size));
  return 0;
}
