/// DenyList — what was withdrawn, in memory, for every request to ask.
///
/// Readers take no lock and allocate nothing. Adding one entry to a million writes one slot of 16 octets; now
/// and then a quarter of the table of its kind is written anew. Entries go by themselves when their time is
/// over, and never before: whatever happens to the feed that brings them, what is known stays known.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/published.h"
#include "gatehouse/base/result.h"
#include "gatehouse/revocation/deny_entry.h"

namespace gatehouse::revocation {

struct DenyListOptions {
  std::size_t most_entries =
      4'000'000;                  ///< of 39 octets at most; what is beyond is refused and never dropped
  std::size_t most_issuers = 64;  ///< that can be heard, and have entries
};

/// Thread-safe. Shared by all requests and by whoever adds entries.
class DenyList {
 public:
  explicit DenyList(DenyListOptions options = {});
  DenyList(const DenyList&) = delete;
  DenyList& operator=(const DenyList&) = delete;
  ~DenyList();

  /// Where the answers about one token lie. Made first and asked later, so that memory is fetched meanwhile.
  class Lookup {
   public:
    Lookup() = default;

   private:
    friend class DenyList;
    std::array<std::uint64_t, deny_kinds> tags_;  // of those that have to be looked up
    unsigned kinds_ = 0;                          // a bit for each that has to be looked up
    std::optional<Instant> issued_;
  };
  Lookup prepare(const TokenMarks& marks, Instant now) const noexcept;

  /// By what the token was withdrawn; nothing when it stands as far as is known here. A token without `iat`
  /// is older than every `not_before`.
  std::optional<DenyKind> find(const Lookup& lookup, Instant now) const noexcept;
  std::optional<DenyKind> find(const TokenMarks& marks, Instant now) const noexcept {
    return find(prepare(marks, now), now);
  }

  /// Readers see it when this returns. The same thing twice: the later `until` and the later `not_before`
  /// count. What is over already is left out. Fails with malformed for an entry without a value, or about a
  /// subject or client without a not_before; overloaded at either cap.
  Result<void> add(const DenyEntry& entry, Instant now);

  /// Everything that `issuer` had withdrawn by `when` is in here. Instant::max(): always, as where the issuer
  /// itself adds. Never goes back. Fails with overloaded beyond most_issuers.
  Result<void> heard(std::string_view issuer, Instant when);
  Instant heard(std::string_view issuer) const noexcept;  ///< Instant::min(): never

  /// Something of `issuer`'s could not be kept: it counts as never heard until it is heard again.
  void lose(std::string_view issuer);

  /// Gives back the memory of entries that are over, a part of the table at a time: call it now and then.
  void tidy(Instant now);

  std::size_t size() const noexcept;    ///< entries, among them some that are over
  std::size_t octets() const noexcept;  ///< of all tables

 private:
  class Slots;
  class Segment;
  struct Directory;
  struct Issuer;

  std::uint64_t tag_of(const Issuer& issuer, std::size_t kind, std::string_view value) const noexcept;
  bool make_room(Instant now);
  void rebuild(std::size_t number, Instant now);
  Issuer* find_issuer(std::string_view name) const noexcept;
  Result<Issuer*> find_or_add_issuer(std::string_view name);

  const DenyListOptions options_;
  const std::string secrets_;  // of the hashes, so that nobody can choose values that fall together

  std::array<std::atomic<std::int64_t>, deny_kinds> latest_;  // second in which the last of a kind ends
  std::unique_ptr<Issuer[]> issuers_;                         // in the order in which they came
  std::atomic<std::size_t> issuer_count_ = 0;

  mutable std::mutex mutex_;  // of those who write
  std::shared_ptr<const Directory> current_;
  std::atomic<std::size_t> size_ = 0;
  std::atomic<std::size_t> octets_ = 0;
  std::size_t next_tidied_ = 0;
  Instant last_cleared_ = Instant::min();
  Published<Directory> directory_;
};

}  // namespace gatehouse::revocation
