#include "gatehouse/revocation/deny_list.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <xxhash.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <utility>

#include "gatehouse/base/random.h"

namespace gatehouse::revocation {
namespace {

constexpr std::size_t secret_size = XXH3_SECRET_DEFAULT_SIZE;
constexpr unsigned segment_bits = 2;
constexpr std::size_t segments_of_kind = std::size_t{1} << segment_bits;
constexpr std::size_t segments = deny_kinds * segments_of_kind;
constexpr std::size_t smallest_segment = 8;

bool has_not_before(DenyKind kind) noexcept { return kind == DenyKind::subject || kind == DenyKind::client; }

// Seconds since 1970 in 32 bits, rounded up, which is until 2106; what is later is for ever.
std::uint32_t to_seconds(Instant instant) noexcept {
  const std::int64_t seconds = std::chrono::ceil<Seconds>(instant).time_since_epoch().count();
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(seconds, 0, std::numeric_limits<std::uint32_t>::max()));
}

// What a slot says of its key: until when it counts, and either of tokens issued before when, or more of the
// key.
struct Word {
  std::uint32_t until = 0;
  std::uint32_t detail = 0;

  static Word of(std::uint64_t both) noexcept {
    return {.until = static_cast<std::uint32_t>(both >> 32), .detail = static_cast<std::uint32_t>(both)};
  }
  std::uint64_t both() const noexcept { return std::uint64_t{until} << 32 | detail; }

  bool is_over(Instant now) const noexcept { return Instant(Seconds(until)) < now; }
};

}  // namespace

// A tag of zero is an empty slot. The word is written before the tag, and may only ever become stricter.
struct DenyList::Slot {
  std::atomic<std::uint64_t> tag = 0;
  std::atomic<std::uint64_t> word = 0;
};

// Slots in memory of zeros, in huge pages where they fill some: a table of megabytes is looked up all over,
// and finding the page would cost as much as finding the slot.
class DenyList::Slots {
 public:
  explicit Slots(std::size_t count) : octets_(count * sizeof(Slot)) {
    constexpr std::size_t huge_page = std::size_t{2} << 20;
    const std::size_t alignment = octets_ >= huge_page ? huge_page : alignof(std::max_align_t);
    void* memory = ::operator new(octets_, std::align_val_t(alignment));
    alignment_ = std::align_val_t(alignment);
    if (octets_ >= huge_page) ::madvise(memory, octets_, MADV_HUGEPAGE);
    slots_ = static_cast<Slot*>(memory);
    std::uninitialized_default_construct_n(slots_, count);
  }
  Slots(const Slots&) = delete;
  Slots& operator=(const Slots&) = delete;
  ~Slots() { ::operator delete(slots_, octets_, alignment_); }

  Slot& operator[](std::size_t i) const noexcept { return slots_[i]; }

 private:
  std::size_t octets_;
  std::align_val_t alignment_{};
  Slot* slots_ = nullptr;
};

// Open addressing with linear probing. Nothing is ever taken out: what is over goes when the whole is written
// anew, so that a reader may stop at the first empty slot. One writer at a time.
class DenyList::Segment {
 public:
  Segment(std::size_t slots, bool has_not_before)
      : count_(slots), has_not_before_(has_not_before), slots_(slots) {}

  std::size_t slots() const noexcept { return count_; }
  std::size_t used() const noexcept { return used_; }
  bool is_full() const noexcept { return 5 * used_ >= 3 * count_; }

  void prefetch(std::uint64_t tag) const noexcept { __builtin_prefetch(&slots_[place_of(tag)]); }

  std::optional<Word> find(const Lookup::Key& key) const noexcept {
    for (std::size_t i = place_of(key.tag);; i = after(i)) {
      const std::uint64_t tag = slots_[i].tag.load(std::memory_order_acquire);
      if (tag == 0) return std::nullopt;
      if (tag != key.tag) continue;
      const Word word = Word::of(slots_[i].word.load(std::memory_order_relaxed));
      if (has_not_before_ || word.detail == key.extra) return word;
    }
  }

  // Whether it is a new one. There has to be an empty slot.
  bool add(const Lookup::Key& key, Word word) {
    for (std::size_t i = place_of(key.tag);; i = after(i)) {
      const std::uint64_t tag = slots_[i].tag.load(std::memory_order_relaxed);
      if (tag == 0) {
        fill(slots_[i], key.tag, word);
        return true;
      }
      if (tag != key.tag) continue;
      const Word known = Word::of(slots_[i].word.load(std::memory_order_relaxed));
      if (!has_not_before_ && known.detail != word.detail) continue;
      word = {.until = std::max(known.until, word.until), .detail = std::max(known.detail, word.detail)};
      slots_[i].word.store(word.both(), std::memory_order_relaxed);
      return false;
    }
  }

  std::size_t count_alive(Instant now) const {
    std::size_t alive = 0;
    for_each_alive(now, [&](std::uint64_t, Word) { ++alive; });
    return alive;
  }

  // The same without what is over, and with room, so that many can be added before it has to be done again.
  // Most tokens are not found, and that takes two slots to see, or up to four when it is full.
  std::shared_ptr<Segment> renewed(Instant now) const {
    const std::size_t slots = std::max(smallest_segment, count_alive(now) * 12 / 5);
    auto fresh = std::make_shared<Segment>(slots, has_not_before_);
    for_each_alive(now, [&](std::uint64_t tag, Word word) {
      std::size_t i = fresh->place_of(tag);
      while (fresh->slots_[i].tag.load(std::memory_order_relaxed) != 0) i = fresh->after(i);
      fresh->fill(fresh->slots_[i], tag, word);
    });
    return fresh;
  }

 private:
  std::size_t place_of(std::uint64_t tag) const noexcept { return (tag >> 32) * count_ >> 32; }
  std::size_t after(std::size_t place) const noexcept { return place + 1 == count_ ? 0 : place + 1; }

  void fill(Slot& slot, std::uint64_t tag, Word word) {
    slot.word.store(word.both(), std::memory_order_relaxed);
    slot.tag.store(tag, std::memory_order_release);
    ++used_;
  }

  template <class Visit>
  void for_each_alive(Instant now, const Visit& visit) const {
    for (std::size_t i = 0; i < count_; ++i) {
      const std::uint64_t tag = slots_[i].tag.load(std::memory_order_relaxed);
      const Word word = Word::of(slots_[i].word.load(std::memory_order_relaxed));
      if (tag != 0 && !word.is_over(now)) visit(tag, word);
    }
  }

  std::size_t count_;
  bool has_not_before_;
  Slots slots_;
  std::size_t used_ = 0;  // the writer's own
};

struct DenyList::Directory {
  std::array<std::shared_ptr<Segment>, segments> parts;
};

// Each makes other keys of the same values, and nobody can tell which.
struct DenyList::Issuer {
  std::string name;
  std::uint64_t high = 0, low = 0;
  std::atomic<Instant::rep> heard = Instant::min().time_since_epoch().count();
};

DenyList::DenyList(DenyListOptions options)
    : options_(options),
      secrets_(random_octets(deny_kinds * secret_size)),
      issuers_(std::make_unique<Issuer[]>(options.most_issuers)) {
  for (auto& latest : latest_) latest = -1;
  auto directory = std::make_shared<Directory>();
  for (std::size_t i = 0; i < segments; ++i)
    directory->parts[i] = std::make_shared<Segment>(
        smallest_segment, has_not_before(static_cast<DenyKind>(i / segments_of_kind)));
  octets_ = segments * smallest_segment * sizeof(Slot);
  current_ = directory;
  directory_.publish(std::move(directory));
}

DenyList::~DenyList() = default;

// --- Where things lie

// Each kind under a secret of its own, so that one is never mistaken for another. What is hashed is the text
// as it lies in memory: nothing is copied, and nobody who does not know the secrets can aim.
DenyList::Lookup::Key DenyList::key_of(const Issuer& issuer, std::size_t kind,
                                       std::string_view value) const noexcept {
  const XXH128_hash_t own =
      XXH3_128bits_withSecret(value.data(), value.size(), secrets_.data() + kind * secret_size, secret_size);
  const std::uint64_t high = own.high64 ^ issuer.high;
  return {.tag = std::max<std::uint64_t>(own.low64 ^ issuer.low, 1),
          .extra = static_cast<std::uint32_t>(high),
          .segment = static_cast<std::uint8_t>(kind * segments_of_kind + (high >> (64 - segment_bits)))};
}

// A handful, of which the first is nearly always the one.
DenyList::Issuer* DenyList::find_issuer(std::string_view name) const noexcept {
  const std::size_t count = issuer_count_.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count; ++i)
    if (issuers_[i].name == name) return &issuers_[i];
  return nullptr;
}

Result<DenyList::Issuer*> DenyList::find_or_add_issuer(std::string_view name) {
  if (Issuer* known = find_issuer(name)) return known;
  const std::size_t count = issuer_count_;
  if (count == options_.most_issuers) return fail(Failure::overloaded, fmt::format("{} issuers", count));
  Issuer& added = issuers_[count];
  added.name = name;
  const std::string mask = random_octets(sizeof added.high + sizeof added.low);
  std::memcpy(&added.high, mask.data(), sizeof added.high);
  std::memcpy(&added.low, mask.data() + sizeof added.high, sizeof added.low);
  issuer_count_.store(count + 1, std::memory_order_release);  // readers see it whole, or not at all
  return &added;
}

// --- What requests ask

DenyList::Lookup DenyList::prepare(const TokenMarks& marks, Instant now) const noexcept {
  Lookup lookup;
  lookup.issued_ = marks.issued;
  const Directory& directory = directory_.view();
  const std::int64_t second = to_unix_seconds(now);
  const Issuer* issuer = find_issuer(marks.issuer);
  if (!issuer) return lookup;
  for (std::size_t i = 0; i < deny_kinds; ++i) {
    if (marks.values[i].empty() || latest_[i].load(std::memory_order_acquire) < second) continue;
    lookup.keys_[i] = key_of(*issuer, i, marks.values[i]);
    lookup.kinds_ |= 1U << i;
    directory.parts[lookup.keys_[i].segment]->prefetch(lookup.keys_[i].tag);
  }
  return lookup;
}

std::optional<DenyKind> DenyList::find(const Lookup& lookup, Instant now) const noexcept {
  const Directory& directory = directory_.view();
  for (unsigned kinds = lookup.kinds_; kinds != 0; kinds &= kinds - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(kinds));
    const auto kind = static_cast<DenyKind>(i);
    const auto word = directory.parts[lookup.keys_[i].segment]->find(lookup.keys_[i]);
    if (!word || word->is_over(now)) continue;
    if (!has_not_before(kind) || !lookup.issued_ || *lookup.issued_ < Instant(Seconds(word->detail)))
      return kind;
  }
  return std::nullopt;
}

// --- What writers do

Result<void> DenyList::add(const DenyEntry& entry, Instant now) {
  if (entry.value.empty()) return fail(Failure::malformed, fmt::format("no {}", name(entry.kind)));
  if (has_not_before(entry.kind) && to_seconds(entry.not_before) == 0)
    return fail(Failure::malformed, fmt::format("{} without not_before", name(entry.kind)));
  if (entry.until < now) return {};
  const auto kind = static_cast<std::size_t>(entry.kind);
  const std::scoped_lock lock(mutex_);
  GH_TRY(const Issuer* issuer, find_or_add_issuer(entry.issuer));
  const auto key = key_of(*issuer, kind, entry.value);
  const Word word{.until = to_seconds(entry.until),
                  .detail = has_not_before(entry.kind) ? to_seconds(entry.not_before) : key.extra};
  const bool is_known = current_->parts[key.segment]->find(key).has_value();
  if (!is_known && size_ >= options_.most_entries && !make_room(now))
    return fail(Failure::overloaded, fmt::format("{} entries", options_.most_entries));
  if (current_->parts[key.segment]->is_full()) rebuild(key.segment, now);
  if (current_->parts[key.segment]->add(key, word)) ++size_;
  auto& latest = latest_[kind];
  latest.store(std::max<std::int64_t>(latest.load(std::memory_order_relaxed), word.until),
               std::memory_order_release);
  return {};
}

// At the cap, what is over has to go at once; not for every entry that is refused, for it costs a walk.
bool DenyList::make_room(Instant now) {
  if (now < last_cleared_ + Seconds(1)) return false;
  last_cleared_ = now;
  for (std::size_t i = 0; i < segments; ++i) rebuild(i, now);
  return size_ < options_.most_entries;
}

void DenyList::rebuild(std::size_t number, Instant now) {
  const Segment& old = *current_->parts[number];
  auto fresh = old.renewed(now);
  size_ -= old.used() - fresh->used();
  octets_ += (fresh->slots() - old.slots()) * sizeof(Slot);
  auto next = std::make_shared<Directory>(*current_);
  next->parts[number] = std::move(fresh);
  current_ = next;
  directory_.publish(std::move(next));
}

void DenyList::tidy(Instant now) {
  const std::scoped_lock lock(mutex_);
  const std::size_t number = std::exchange(next_tidied_, (next_tidied_ + 1) % segments);
  const Segment& part = *current_->parts[number];
  if (part.slots() > smallest_segment && 4 * part.count_alive(now) < part.slots()) rebuild(number, now);
}

// --- How fresh it is

Result<void> DenyList::heard(std::string_view issuer, Instant when) {
  const std::scoped_lock lock(mutex_);
  GH_TRY(const auto known, find_or_add_issuer(issuer));
  known->heard = std::max(known->heard.load(), when.time_since_epoch().count());
  return {};
}

void DenyList::lose(std::string_view issuer) {
  const std::scoped_lock lock(mutex_);
  if (Issuer* known = find_issuer(issuer)) known->heard = Instant::min().time_since_epoch().count();
}

Instant DenyList::heard(std::string_view issuer) const noexcept {
  const Issuer* known = find_issuer(issuer);
  return known ? Instant(Instant::duration(known->heard.load(std::memory_order_relaxed))) : Instant::min();
}

std::size_t DenyList::size() const noexcept { return size_; }
std::size_t DenyList::octets() const noexcept { return octets_; }

}  // namespace gatehouse::revocation
