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
constexpr std::size_t segments_of_kind = 4;
constexpr std::size_t segments = deny_kinds * segments_of_kind;
constexpr std::size_t slots_of_bucket = 8;
constexpr std::size_t smallest_segment = slots_of_bucket;
constexpr std::size_t octets_of_slot = 2 * sizeof(std::uint64_t);
constexpr std::size_t bucket_octets = slots_of_bucket * sizeof(std::uint64_t);

std::size_t segment_of(std::size_t kind, std::uint64_t tag) noexcept {
  return kind * segments_of_kind + (tag & (segments_of_kind - 1));
}

bool has_not_before(DenyKind kind) noexcept { return kind == DenyKind::subject || kind == DenyKind::client; }

// Seconds since 1970 in 32 bits, rounded up, which is until 2106; what is later is for ever.
std::uint32_t to_seconds(Instant instant) noexcept {
  const std::int64_t seconds = std::chrono::ceil<Seconds>(instant).time_since_epoch().count();
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(seconds, 0, std::numeric_limits<std::uint32_t>::max()));
}

// What a slot says of its tag: until when it counts, and of tokens issued before when.
struct Word {
  std::uint32_t until = 0;
  std::uint32_t not_before = 0;  // zero: it counts for all

  static Word of(std::uint64_t both) noexcept {
    return {.until = static_cast<std::uint32_t>(both >> 32), .not_before = static_cast<std::uint32_t>(both)};
  }
  std::uint64_t both() const noexcept { return std::uint64_t{until} << 32 | not_before; }

  bool is_over(Instant now) const noexcept { return Instant(Seconds(until)) < now; }
};

}  // namespace

// Slots in memory of zeros: their tags, and behind them their words. A tag of zero is an empty slot; the word
// is written before the tag, and may only ever become stricter. In huge pages where they fill some: a table
// of megabytes is looked up all over, and finding the page would cost as much as finding the slot.
class DenyList::Slots {
 public:
  using Cell = std::atomic<std::uint64_t>;

  explicit Slots(std::size_t count) : count_(count) {
    constexpr std::size_t huge_page = std::size_t{2} << 20;
    const std::size_t octets = count * octets_of_slot;
    alignment_ = std::align_val_t(octets >= huge_page ? huge_page : bucket_octets);
    void* memory = ::operator new(octets, alignment_);
    if (octets >= huge_page) ::madvise(memory, octets, MADV_HUGEPAGE);
    cells_ = static_cast<Cell*>(memory);
    std::uninitialized_value_construct_n(cells_, 2 * count);
  }
  Slots(const Slots&) = delete;
  Slots& operator=(const Slots&) = delete;
  ~Slots() { ::operator delete(cells_, count_ * octets_of_slot, alignment_); }

  Cell& tag(std::size_t i) const noexcept { return cells_[i]; }
  Cell& word(std::size_t i) const noexcept { return cells_[count_ + i]; }

 private:
  std::size_t count_;
  std::align_val_t alignment_{};
  Cell* cells_ = nullptr;
};

// Open addressing, by buckets of eight slots whose tags are one line of the cache. A bucket is filled from
// its first slot on, and the next one takes what it has no room for. Nothing is ever taken out: what is over
// goes when the whole is written anew, so that a reader may stop at the first bucket that is not full. One
// writer at a time.
class DenyList::Segment {
 public:
  explicit Segment(std::size_t slots) : count_(slots), slots_(slots) {}

  std::size_t slots() const noexcept { return count_; }
  std::size_t used() const noexcept { return used_; }
  bool is_full() const noexcept { return 5 * used_ >= 3 * count_; }

  void prefetch(std::uint64_t tag) const noexcept { __builtin_prefetch(&slots_.tag(bucket_of(tag))); }

  std::optional<Word> find(std::uint64_t tag) const noexcept {
    for (std::size_t bucket = bucket_of(tag);; bucket = after(bucket)) {
      if (has(bucket, tag))
        return Word::of(slots_.word(slot_of(bucket, tag)).load(std::memory_order_relaxed));
      if (slots_.tag(bucket + slots_of_bucket - 1).load(std::memory_order_relaxed) == 0) return std::nullopt;
    }
  }

  // Whether it is a new one. There has to be an empty slot.
  bool add(std::uint64_t tag, Word word) {
    const std::size_t i = place_for(tag);
    if (slots_.tag(i).load(std::memory_order_relaxed) == 0) {
      fill(i, tag, word);
      return true;
    }
    const Word known = Word::of(slots_.word(i).load(std::memory_order_relaxed));
    word = {.until = std::max(known.until, word.until),
            .not_before = std::max(known.not_before, word.not_before)};
    slots_.word(i).store(word.both(), std::memory_order_relaxed);
    return false;
  }

  std::size_t count_alive(Instant now) const {
    std::size_t alive = 0;
    for_each_alive(now, [&](std::uint64_t, Word) { ++alive; });
    return alive;
  }

  // The same without what is over, and with room, so that many can be added before it has to be done again.
  std::shared_ptr<Segment> renewed(Instant now) const {
    const std::size_t buckets = count_alive(now) * 12 / 5 / slots_of_bucket + 1;
    auto fresh = std::make_shared<Segment>(buckets * slots_of_bucket);
    for_each_alive(now, [&](std::uint64_t tag, Word word) { fresh->fill(fresh->place_for(tag), tag, word); });
    return fresh;
  }

 private:
  std::size_t bucket_of(std::uint64_t tag) const noexcept {
    return ((tag >> 32) * (count_ / slots_of_bucket) >> 32) * slots_of_bucket;
  }
  std::size_t after(std::size_t bucket) const noexcept {
    return bucket + slots_of_bucket == count_ ? 0 : bucket + slots_of_bucket;
  }

  // All eight, whatever the first ones say: which slot is the last that is used cannot be foretold, and a
  // processor that guesses wrong loses more time than the comparisons take.
  bool has(std::size_t bucket, std::uint64_t tag) const noexcept {
    bool found = false;
    for (std::size_t i = bucket; i < bucket + slots_of_bucket; ++i)
      found |= slots_.tag(i).load(std::memory_order_relaxed) == tag;
    return found;
  }

  std::size_t slot_of(std::size_t bucket, std::uint64_t tag) const noexcept {
    while (slots_.tag(bucket).load(std::memory_order_acquire) != tag) ++bucket;
    return bucket;
  }

  // Where the tag is, or where it would go.
  std::size_t place_for(std::uint64_t tag) const noexcept {
    std::size_t i = bucket_of(tag);
    for (;; i = i + 1 == count_ ? 0 : i + 1) {
      const std::uint64_t there = slots_.tag(i).load(std::memory_order_relaxed);
      if (there == 0 || there == tag) return i;
    }
  }

  void fill(std::size_t i, std::uint64_t tag, Word word) {
    slots_.word(i).store(word.both(), std::memory_order_relaxed);
    slots_.tag(i).store(tag, std::memory_order_release);
    ++used_;
  }

  template <class Visit>
  void for_each_alive(Instant now, const Visit& visit) const {
    for (std::size_t i = 0; i < count_; ++i) {
      const std::uint64_t tag = slots_.tag(i).load(std::memory_order_relaxed);
      const Word word = Word::of(slots_.word(i).load(std::memory_order_relaxed));
      if (tag != 0 && !word.is_over(now)) visit(tag, word);
    }
  }

  std::size_t count_;
  Slots slots_;
  std::size_t used_ = 0;  // the writer's own
};

struct DenyList::Directory {
  std::array<std::shared_ptr<Segment>, segments> parts;
};

// Each makes other keys of the same values, and nobody can tell which.
struct DenyList::Issuer {
  std::string name;
  std::uint64_t mask = 0;
  std::atomic<Instant::rep> heard = Instant::min().time_since_epoch().count();
};

DenyList::DenyList(DenyListOptions options)
    : options_(options),
      secrets_(random_octets(deny_kinds * secret_size)),
      issuers_(std::make_unique<Issuer[]>(options.most_issuers)) {
  for (auto& latest : latest_) latest = -1;
  auto directory = std::make_shared<Directory>();
  for (std::size_t i = 0; i < segments; ++i)
    directory->parts[i] = std::make_shared<Segment>(smallest_segment);
  octets_ = segments * smallest_segment * octets_of_slot;
  current_ = directory;
  directory_.publish(std::move(directory));
}

DenyList::~DenyList() = default;

// --- Where things lie

// Each kind under a secret of its own, so that one is never mistaken for another. What is hashed is the text
// as it lies in memory: nothing is copied, and nobody who does not know the secrets can aim.
std::uint64_t DenyList::tag_of(const Issuer& issuer, std::size_t kind,
                               std::string_view value) const noexcept {
  const std::uint64_t own =
      XXH3_64bits_withSecret(value.data(), value.size(), secrets_.data() + kind * secret_size, secret_size);
  return std::max<std::uint64_t>(own ^ issuer.mask, 1);
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
  std::memcpy(&added.mask, random_octets(sizeof added.mask).data(), sizeof added.mask);
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
    const std::uint64_t tag = tag_of(*issuer, i, marks.values[i]);
    directory.parts[segment_of(i, tag)]->prefetch(tag);
    lookup.tags_[i] = tag;
    lookup.kinds_ |= 1U << i;
  }
  return lookup;
}

std::optional<DenyKind> DenyList::find(const Lookup& lookup, Instant now) const noexcept {
  const Directory& directory = directory_.view();
  for (unsigned kinds = lookup.kinds_; kinds != 0; kinds &= kinds - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(kinds));
    const auto kind = static_cast<DenyKind>(i);
    const auto word = directory.parts[segment_of(i, lookup.tags_[i])]->find(lookup.tags_[i]);
    if (!word || word->is_over(now)) continue;
    if (!has_not_before(kind) || !lookup.issued_ || *lookup.issued_ < Instant(Seconds(word->not_before)))
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
  const std::uint64_t tag = tag_of(*issuer, kind, entry.value);
  const std::size_t segment = segment_of(kind, tag);
  const Word word{.until = to_seconds(entry.until),
                  .not_before = has_not_before(entry.kind) ? to_seconds(entry.not_before) : 0};
  const bool is_known = current_->parts[segment]->find(tag).has_value();
  if (!is_known && size_ >= options_.most_entries && !make_room(now))
    return fail(Failure::overloaded, fmt::format("{} entries", options_.most_entries));
  if (current_->parts[segment]->is_full()) rebuild(segment, now);
  if (current_->parts[segment]->add(tag, word)) ++size_;
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
  octets_ += (fresh->slots() - old.slots()) * octets_of_slot;
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
