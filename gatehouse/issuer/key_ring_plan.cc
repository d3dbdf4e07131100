#include "gatehouse/issuer/key_ring_plan.h"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::issuer {
namespace {

using stores::KeyState;
using stores::StoredKey;

const StoredKey* find(std::span<const StoredKey> keys, KeyState state) {
  const auto found = std::ranges::find(keys, state, &StoredKey::state);
  return found == keys.end() ? nullptr : &*found;
}

std::uint32_t next_number(std::span<const StoredKey> keys) {
  std::uint32_t highest = 0;
  for (const StoredKey& key : keys) highest = std::max(highest, key.number);
  return highest + 1;
}

stores::KeyChange retire(StoredKey key, Instant now, const KeyRingTiming& timing) {
  key.state = KeyState::retired;
  key.retired = now;
  key.removes = now + timing.retain;
  if (timing.destroys_when_retired) key.wrapped.clear();
  return {.key = std::move(key), .from = KeyState::active};
}

stores::KeyChange activate(StoredKey key, Instant now) {
  key.state = KeyState::active;
  key.activates = now;
  return {.key = std::move(key), .from = KeyState::announced};
}

stores::KeyChange remove(StoredKey key) {
  const KeyState from = key.state;
  key.state = KeyState::removed;
  key.wrapped.clear();
  return {.key = std::move(key), .from = from};
}

NewKey announce(std::uint32_t number, Instant predecessor_activated, Instant now,
                const KeyRingTiming& timing) {
  return {.number = number,
          .state = KeyState::announced,
          .activates = std::max<Instant>(predecessor_activated + timing.active, now + timing.announce)};
}

// The announced one, or a new one where there is none, takes the place of `active`, which may be null.
void add_succession(KeyRingPlan& plan, std::span<const StoredKey> keys, const StoredKey* next, Instant now,
                    const KeyRingTiming& timing) {
  std::uint32_t number = next_number(keys);
  if (next)
    plan.changes.push_back(activate(*next, now));
  else
    plan.created.push_back({.number = number++, .state = KeyState::active, .activates = now});
  plan.created.push_back(announce(number, now, now, timing));
}

}  // namespace

KeyRingPlan plan_key_ring(std::span<const StoredKey> keys, Instant now, const KeyRingTiming& timing) {
  KeyRingPlan plan;
  for (const StoredKey& key : keys)
    if (key.state == KeyState::retired && key.removes.value_or(now) <= now)
      plan.changes.push_back(remove(key));

  const StoredKey* active = find(keys, KeyState::active);
  const StoredKey* next = find(keys, KeyState::announced);
  if (!active) {
    add_succession(plan, keys, next, now, timing);
  } else if (!next) {
    plan.created.push_back(announce(next_number(keys), active->activates, now, timing));
  } else if (next->activates <= now) {
    plan.changes.push_back(retire(*active, now, timing));
    add_succession(plan, keys, next, now, timing);
  }
  return plan;
}

Result<KeyRingPlan> plan_rotation(std::span<const StoredKey> keys, Instant now, const KeyRingTiming& timing) {
  const StoredKey* active = find(keys, KeyState::active);
  const StoredKey* next = find(keys, KeyState::announced);
  if (!active || !next) return fail(Failure::conflict, "there is no announced key");
  if (now < next->created + timing.announce)
    return fail(Failure::conflict,
                fmt::format("key '{}' was announced at {}; readers may not know it before {}", next->id,
                            format_instant(next->created), format_instant(next->created + timing.announce)));
  KeyRingPlan plan;
  plan.changes.push_back(retire(*active, now, timing));
  add_succession(plan, keys, next, now, timing);
  return plan;
}

Result<KeyRingPlan> plan_compromise(std::span<const StoredKey> keys, std::string_view id, Instant now,
                                    const KeyRingTiming& timing) {
  const auto found = std::ranges::find(keys, id, &StoredKey::id);
  if (found == keys.end()) return fail(Failure::not_found, std::string(id));
  if (found->state == KeyState::removed || found->state == KeyState::compromised)
    return fail(Failure::conflict, fmt::format("key '{}' is {} already", id, name(found->state)));
  StoredKey compromised = *found;
  compromised.state = KeyState::compromised;
  compromised.removes = now;
  compromised.wrapped.clear();
  KeyRingPlan plan;
  plan.changes.push_back({.key = std::move(compromised), .from = found->state});
  if (found->state == KeyState::active)
    add_succession(plan, keys, find(keys, KeyState::announced), now, timing);
  else if (found->state == KeyState::announced)
    plan.created.push_back(announce(next_number(keys), found->activates - timing.active, now, timing));
  return plan;
}

Result<void> check_timing(const KeyRingTiming& timing, const KeyRingReaders& readers) {
  const Seconds seen = readers.key_set_max_age + readers.refresh + 2 * readers.clock_skew;
  const Seconds needed = readers.longest_token + readers.clock_skew + readers.key_set_max_age;
  if (timing.announce < seen)
    return fail(
        Failure::configuration_invalid,
        fmt::format("announce {} s < key_set_max_age {} s + refresh {} s + 2 * clock_skew {} s: a key "
                    "would sign before its readers know it; raise announce to {} s",
                    timing.announce.count(), readers.key_set_max_age.count(), readers.refresh.count(),
                    readers.clock_skew.count(), seen.count()));
  if (timing.retain < needed)
    return fail(
        Failure::configuration_invalid,
        fmt::format("retain {} s < longest_token {} s + clock_skew {} s + key_set_max_age {} s: tokens "
                    "would outlive their key; raise retain to {} s",
                    timing.retain.count(), readers.longest_token.count(), readers.clock_skew.count(),
                    readers.key_set_max_age.count(), needed.count()));
  if (readers.poll > timing.announce / 10)
    return fail(
        Failure::configuration_invalid,
        fmt::format("poll {} s > announce {} s / 10: a process would sign with a ring that is too old; "
                    "lower poll to {} s",
                    readers.poll.count(), timing.announce.count(), timing.announce.count() / 10));
  if (timing.active <= timing.announce)
    return fail(
        Failure::configuration_invalid,
        fmt::format("active {} s <= announce {} s: the next key could not be announced in time; raise "
                    "active",
                    timing.active.count(), timing.announce.count()));
  return {};
}

}  // namespace gatehouse::issuer
