/// What each process has: the one store, and a service over it.
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "gatehouse/base/wait_for.h"
#include "gatehouse/issuer/session_service.h"
#include "gatehouse/stores/store.h"

namespace gatehouse::test_sessions {

struct World {
  World(const std::string& path, int grace_max_uses)
      : store(open(path)),
        sessions(store->sessions(),
                 issuer::RefreshTokenFormat::make({.keys = {{0, Secret(std::string(32, 't'))}}}).value(),
                 {.rotation = {.grace = Seconds(300), .grace_max_uses = grace_max_uses}}, clock) {}

  static std::unique_ptr<stores::Store> open(const std::string& path) {
    auto opened = stores::open_sqlite_store(path);
    if (opened) return *std::move(opened);
    fmt::print(stderr, "sessions: {}\n", opened.error().subject);
    std::exit(3);
  }

  std::string log_in() {
    return wait_for(sessions.start({.user_id = "ada", .client_id = "web", .scope = "read"}))
        .value()
        .refresh_token;
  }
  static issuer::RefreshRequest request(std::string token) {
    return {.token = std::move(token),
            .client_id = "web",
            .request_id = {},
            .binding = {},
            .address = {},
            .lifetimes = {}};
  }

  SystemClock clock;
  std::unique_ptr<stores::Store> store;
  issuer::SessionService sessions;
};

/// Each prints what it found, and is true when all of it holds.
bool race(const std::string& folder, int rounds);
bool crash(const std::string& folder, int kills);
bool restore(const std::string& folder, int kills);

}  // namespace gatehouse::test_sessions
