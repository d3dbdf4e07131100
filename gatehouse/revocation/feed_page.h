/// FeedPage — one answer of an issuer's deny feed: a stretch of its numbered entries, as JSON.
///
///     {"epoch":"3q2-7w","head":1205,"after":1200,"through":1205,"expired":4,
///      "entries":[{"seq":1203,"entry":{"kind":"sid","value":"…","until":1780000660}}]}
///
/// Every number from `after` + 1 to `through` is accounted for: it is among the entries, or one of `expired`,
/// which are over and left out. So whoever reads sees when something is missing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/result.h"
#include "gatehouse/revocation/deny_entry.h"

namespace gatehouse::revocation {

/// No page has more, whoever writes it.
inline constexpr std::size_t most_entries_in_page = 2'000;
inline constexpr std::size_t largest_page = 500 * 1024;     ///< octets
inline constexpr std::size_t longest_denied_value = 1'024;  ///< octets, of what is sent

struct FeedEntry {
  std::uint64_t seq = 0;
  DenyEntry entry;
  bool operator==(const FeedEntry&) const = default;
};

struct FeedPage {
  std::string epoch;        ///< another one when the numbers do not go on from before: a restored issuer
  std::uint64_t head = 0;   ///< the newest number there is
  std::uint64_t after = 0;  ///< as it was asked for
  std::uint64_t through = 0;
  std::uint64_t expired = 0;
  std::vector<FeedEntry> entries = {};

  /// Whether the numbers are what they have to be.
  bool is_complete() const noexcept;
};

/// All entries are `issuer`'s, whatever is in the page. Fails with malformed for anything that is not
/// understood, an unknown kind among it: what cannot be understood must not be left out.
Result<FeedPage> parse_feed_page(std::string_view text, const std::string& issuer);

/// One entry as it stands in a page, and in the issuer's log; without the issuer, whose feed it is. Fails
/// with malformed or too_large for what no page may hold.
Result<std::string> write_deny_entry(const DenyEntry& entry);

/// What write_deny_entry() wrote.
Result<DenyEntry> parse_deny_entry(std::string_view text, const std::string& issuer);

}  // namespace gatehouse::revocation
