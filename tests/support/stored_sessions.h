/// What a login, a refresh and a logout leave in a store, for tests of the store alone.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "gatehouse/base/wait_for.h"
#include "gatehouse/stores/store.h"

namespace gatehouse::test_support {

constexpr Seconds stored_session_lifetime(86'400);

/// Of "ada" at the client "web". `sid` has at most 16 characters.
inline stores::Session stored_session(const std::string& sid, Instant now) {
  return {.id = fmt::format("{:16}", sid),
          .sid = sid,
          .user_id = "ada",
          .client_id = "web",
          .created = now,
          .idle_expires = now + stored_session_lifetime,
          .absolute_expires = now + stored_session_lifetime,
          .secret_hash = "hash 0"};
}

inline void add_session(stores::Store& store, const std::string& sid, Instant now) {
  ASSERT_TRUE(wait_for(store.sessions().add(stored_session(sid, now))));
}

/// On from `generation`.
inline void rotate_session(stores::Store& store, const std::string& sid, std::uint32_t generation,
                           Instant now) {
  const auto rotated =
      wait_for(store.sessions().rotate({.id = stored_session(sid, now).id,
                                        .client_id = "web",
                                        .generation = generation,
                                        .secret_hash = fmt::format("hash {}", generation),
                                        .next_secret_hash = fmt::format("hash {}", generation + 1),
                                        .now = now,
                                        .idle_lifetime = stored_session_lifetime}));
  ASSERT_TRUE(rotated && rotated->is_rotated);
}

/// Its revocation is kept until the session would have expired.
inline void end_session(stores::Store& store, const std::string& sid, Instant now) {
  const stores::SessionSelection which{.by = stores::SessionSelection::By::sid, .value = sid};
  ASSERT_TRUE(
      wait_for(store.sessions().end(which, stores::SessionEnd::logout, now, now + stored_session_lifetime)));
}

}  // namespace gatehouse::test_support
