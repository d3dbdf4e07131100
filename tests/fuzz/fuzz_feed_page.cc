// A page of a deny feed is understood whole or not at all; it is about nobody else's tokens, within its caps,
// and every entry comes back as it was written.

#include "gatehouse/revocation/feed_follower.h"
#include "gatehouse/revocation/feed_page.h"
#include "tests/fuzz/fuzz.h"

namespace gatehouse {
namespace {

const std::string issuer = "https://issuer.example";

void judge(std::string_view text) {
  const auto page = revocation::parse_feed_page(text, issuer);
  if (!page) return;
  promise(!page->epoch.empty() && page->entries.size() <= revocation::most_entries_in_page);
  for (const auto& [seq, entry] : page->entries) {
    promise(entry.issuer == issuer && !entry.value.empty());
    const auto written = revocation::write_deny_entry(entry);
    promise(written && revocation::parse_deny_entry(*written, issuer) == entry);
  }
  revocation::FeedFollower follower;
  for (int i = 0; i < 4; ++i) {
    const auto asked = follower.next();
    const auto step = follower.answered(*page, std::chrono::milliseconds(0), 1);
    promise(step.pause <= std::chrono::seconds(5));
    promise(!step.is_current || follower.position() == page->head);
    promise(!step.is_current || page->after == asked.after);
  }
}

}  // namespace
}  // namespace gatehouse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatehouse::judge(gatehouse::text_of(data, size));
  return 0;
}
