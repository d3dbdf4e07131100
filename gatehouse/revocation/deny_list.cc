#include "gatehouse/revocation/deny_list.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>

#include "gatehouse/base/random.h"

namespace gatehouse::revocation {
namespace {

constexpr unsigned segment_bits = 6;
constexpr std::size_t segments = std::size_t{1} << segment_bits;
constexpr std::size_t smallest_segment = 16;

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

// Open addressing with linear probing. Nothing is ever taken out: what is over goes when the whole is written
// anew, so that a reader may stop at the first empty slot. One writer at a time.
class DenyList::Segment {
 public:
  explicit Segment(std::size_t slots) : mask_(slots - 1), slots_(std::make_unique<Slot[]>(slots)) {}

  std::size_t slots() const noexcept { return mask_ + 1; }
  std::size_t used() const noexcept { return used_; }
  bool is_full() const noexcept { return 4 * used_ >= 3 * slots(); }

  void prefetch(std::uint64_t tag) const noexcept { __builtin_prefetch(&slots_[tag & mask_]); }

  std::optional<Word> find(const Lookup::Key& key, DenyKind kind) const noexcept {
    for (std::size_t i = key.tag & mask_;; i = (i + 1) & mask_) {
      const std::uint64_t tag = slots_[i].tag.load(std::memory_order_acquire);
      if (tag == 0) return std::nullopt;
      if (tag != key.tag) continue;
      const Word word = Word::of(slots_[i].word.load(std::memory_order_relaxed));
      if (has_not_before(kind) || word.detail == key.extra) return word;
    }
  }

  // Whether it is a new one. There has to be an empty slot.
  bool add(const Lookup::Key& key, Word word, DenyKind kind) {
    for (std::size_t i = key.tag & mask_;; i = (i + 1) & mask_) {
      const std::uint64_t tag = slots_[i].tag.load(std::memory_order_relaxed);
      if (tag == 0) {
        fill(slots_[i], key.tag, word);
        return true;
      }
      if (tag != key.tag) continue;
      const Word known = Word::of(slots_[i].word.load(std::memory_order_relaxed));
      if (!has_not_before(kind) && known.detail != word.detail) continue;
      word = {.until = std::max(known.until, word.until), .detail = std::max(known.detail, word.detail)};
      slots_[i].word.store(word.both(), std::memory_order_relaxed);
      return false;
    }
  }

  // Into a segment that nobody reads yet, and that has none of them.
  void take_alive(const Segment& from, Instant now) {
    for (std::size_t from_slot = 0; from_slot < from.slots(); ++from_slot) {
      const std::uint64_t tag = from.slots_[from_slot].tag.load(std::memory_order_relaxed);
      const Word word = Word::of(from.slots_[from_slot].word.load(std::memory_order_relaxed));
      if (tag == 0 || word.is_over(now)) continue;
      std::size_t i = tag & mask_;
      while (slots_[i].tag.load(std::memory_order_relaxed) != 0) i = (i + 1) & mask_;
      fill(slots_[i], tag, word);
    }
  }

  std::size_t count_alive(Instant now) const noexcept {
    return static_cast<std::size_t>(std::count_if(&slots_[0], &slots_[0] + slots(), [&](const Slot& slot) {
      return slot.tag.load(std::memory_order_relaxed) != 0 &&
             !Word::of(slot.word.load(std::memory_order_relaxed)).is_over(now);
    }));
  }

 private:
  void fill(Slot& slot, std::uint64_t tag, Word word) {
    slot.word.store(word.both(), std::memory_order_relaxed);
    slot.tag.store(tag, std::memory_order_release);
    ++used_;
  }

  std::size_t mask_;
  std::unique_ptr<Slot[]> slots_;
  std::size_t used_ = 0;  // the writer's own
};

struct DenyList::Directory {
  std::array<std::shared_ptr<Segment>, segments> parts;
};

struct DenyList::Heard {
  Hash128 issuer;  // written before issuers_ counts it, and never again
  std::atomic<Instant::rep> when = Instant::min().time_since_epoch().count();
};

DenyList::DenyList(DenyListOptions options)
    : options_(options),
      secret_(random_octets(XXH3_SECRET_DEFAULT_SIZE)),
      heard_(std::make_unique<Heard[]>(options.most_issuers)) {
  for (auto& latest : latest_) latest = -1;
  auto directory = std::make_shared<Directory>();
  for (auto& part : directory->parts) part = std::make_shared<Segment>(smallest_segment);
  octets_ = segments * smallest_segment * sizeof(Slot);
  current_ = directory;
  directory_.publish(std::move(directory));
}

DenyList::~DenyList() = default;

// --- Where things lie

DenyList::Hash128 DenyList::hash(std::string_view octets) const noexcept {
  const XXH128_hash_t hash =
      XXH3_128bits_withSecret(octets.data(), octets.size(), secret_.data(), secret_.size());
  return {.high = hash.high64, .low = hash.low64};
}

// The issuer once, and then each value behind its kind: what is long is taken by its own hash, which no short
// value is mistaken for, as lengths are part of what is hashed.
DenyList::Lookup::Key DenyList::key_of(const Hash128& issuer, DenyKind kind,
                                       std::string_view value) const noexcept {
  constexpr std::size_t longest = 110;
  std::array<char, sizeof(Hash128) + 1 + longest> text;
  char* end = text.data();
  const auto append = [&end](const void* octets, std::size_t count) {
    std::memcpy(end, octets, count);
    end += count;
  };
  append(&issuer, sizeof issuer);
  const bool is_long = value.size() > longest;
  *end++ = static_cast<char>(static_cast<unsigned>(kind) | (is_long ? 0x80U : 0U));
  if (is_long) {
    const Hash128 itself = hash(value);
    append(&itself, sizeof itself);
  } else if (!value.empty()) {
    append(value.data(), value.size());
  }
  const Hash128 whole = hash({text.data(), static_cast<std::size_t>(end - text.data())});
  return {.tag = std::max<std::uint64_t>(whole.low, 1),
          .extra = static_cast<std::uint32_t>(whole.high),
          .segment = static_cast<std::uint8_t>(whole.high >> (64 - segment_bits))};
}

// --- What requests ask

DenyList::Lookup DenyList::prepare(const TokenMarks& marks, Instant now) const noexcept {
  Lookup lookup;
  lookup.issued_ = marks.issued;
  const Directory& directory = directory_.view();
  const std::int64_t second = to_unix_seconds(now);
  std::optional<Hash128> issuer;
  for (std::size_t i = 0; i < deny_kinds; ++i) {
    if (marks.values[i].empty() || latest_[i].load(std::memory_order_acquire) < second) continue;
    if (!issuer) issuer = hash(marks.issuer);
    lookup.keys_[i] = key_of(*issuer, static_cast<DenyKind>(i), marks.values[i]);
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
    const auto word = directory.parts[lookup.keys_[i].segment]->find(lookup.keys_[i], kind);
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
  const auto key = key_of(hash(entry.issuer), entry.kind, entry.value);
  const Word word{.until = to_seconds(entry.until),
                  .detail = has_not_before(entry.kind) ? to_seconds(entry.not_before) : key.extra};
  const std::scoped_lock lock(mutex_);
  const bool is_known = current_->parts[key.segment]->find(key, entry.kind).has_value();
  if (!is_known && size_ >= options_.most_entries && !make_room(now))
    return fail(Failure::overloaded, fmt::format("{} entries", options_.most_entries));
  if (current_->parts[key.segment]->is_full()) rebuild(key.segment, now);
  if (current_->parts[key.segment]->add(key, word, entry.kind)) ++size_;
  auto& latest = latest_[static_cast<std::size_t>(entry.kind)];
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

// Half empty afterwards, or more, so that many can be added before it has to be done again.
void DenyList::rebuild(std::size_t number, Instant now) {
  const Segment& old = *current_->parts[number];
  const std::size_t slots = std::max(smallest_segment, std::bit_ceil(2 * old.count_alive(now)));
  auto fresh = std::make_shared<Segment>(slots);
  fresh->take_alive(old, now);
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

DenyList::Heard* DenyList::find_heard(const Hash128& issuer) const noexcept {
  const std::size_t count = issuers_.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count; ++i)
    if (heard_[i].issuer == issuer) return &heard_[i];
  return nullptr;
}

Result<void> DenyList::heard(std::string_view issuer, Instant when) {
  const Hash128 whose = hash(issuer);
  const std::scoped_lock lock(mutex_);
  Heard* entry = find_heard(whose);
  if (!entry) {
    const std::size_t count = issuers_;
    if (count == options_.most_issuers) return fail(Failure::overloaded, fmt::format("{} issuers", count));
    entry = &heard_[count];
    entry->issuer = whose;
    issuers_.store(count + 1, std::memory_order_release);
  }
  entry->when = std::max(entry->when.load(), when.time_since_epoch().count());
  return {};
}

void DenyList::lose(std::string_view issuer) {
  const std::scoped_lock lock(mutex_);
  if (Heard* entry = find_heard(hash(issuer))) entry->when = Instant::min().time_since_epoch().count();
}

Instant DenyList::heard(std::string_view issuer) const noexcept {
  const Heard* entry = find_heard(hash(issuer));
  return entry ? Instant(Instant::duration(entry->when.load(std::memory_order_relaxed))) : Instant::min();
}

std::size_t DenyList::size() const noexcept { return size_; }
std::size_t DenyList::octets() const noexcept { return octets_; }

}  // namespace gatehouse::revocation
