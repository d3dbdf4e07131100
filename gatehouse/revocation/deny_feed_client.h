/// DenyFeedClient — keeps a DenyList up to what an issuer in another process has withdrawn.
///
/// It asks, waits for the answer, and asks again; what that means is decided by FeedFollower. When the feed
/// dies, what is known stays, and the list's own age tells every request how much that is worth.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/random.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"
#include "gatehouse/discovery/backchannel.h"
#include "gatehouse/revocation/deny_list.h"
#include "gatehouse/revocation/feed_follower.h"

namespace gatehouse::revocation {

struct DenyFeedClientOptions {
  std::string issuer;   ///< whose tokens its entries are about
  std::string address;  ///< of the feed; empty: the issuer's, with /feeds/deny behind it
  /// What proves who asks: the value of `Authorization`, such as "Bearer …" with the scope gatehouse.feed.
  /// Called before each question, so that it may be renewed. Must not throw; empty: none is sent.
  std::function<Task<Result<std::string>>()> authorization = {};
  FeedPace pace = {};
  bool require_https = true;  ///< false is for development only
};

/// Something an operator wants to know.
struct DenyFeedEvent {
  enum class Kind : std::uint8_t {
    failed,     ///< after it had worked, or at the start
    recovered,  ///< all is known again, after it had failed
    gap,        ///< entries were missing and are asked for again
    snapshot,   ///< everything is asked for anew, as they stayed missing
    restarted,  ///< the issuer was restored or replaced: everything is asked for anew
    full,       ///< the list took no more: what it lacks makes it stale
  };
  Kind kind;
  std::string issuer;
  std::string detail = {};  ///< why it failed; no secret
};
std::string_view name(DenyFeedEvent::Kind kind) noexcept;  ///< "failed"

class DenyFeedClient : public std::enable_shared_from_this<DenyFeedClient> {
 public:
  /// Fails with configuration_invalid naming the option and the fix. All are shared.
  static Result<std::shared_ptr<DenyFeedClient>> make(DenyFeedClientOptions options,
                                                      std::shared_ptr<DenyList> list,
                                                      std::shared_ptr<discovery::Backchannel> backchannel,
                                                      std::shared_ptr<const Clock> clock);

  /// Begins to ask, on the backchannel's thread. It goes on until this object goes, or the backchannel.
  void start();

  struct Status {
    std::optional<Instant> heard = {};  ///< everything withdrawn by then is known
    bool is_failing = false;
    std::uint64_t position = 0;  ///< number of the newest entry
    std::uint64_t answers = 0;   ///< since the start
    std::string failure = {};    ///< of the last question
  };
  Status status() const;
  const std::string& issuer() const noexcept { return options_.issuer; }

  std::function<void(const DenyFeedEvent&)> on_event = {};  ///< set it before start(); must not throw
  std::function<double()> jitter = random_fraction;         ///< from 0 to 1

 private:
  DenyFeedClient(DenyFeedClientOptions options, Url address, std::shared_ptr<DenyList> list,
                 std::shared_ptr<discovery::Backchannel> backchannel, std::shared_ptr<const Clock> clock);

  void ask_after(Milliseconds pause);
  Task<void> run();
  Task<Result<FeedPage>> ask(FeedFollower::Question question);
  Url address_of(const FeedFollower::Question& question) const;
  Milliseconds take(const FeedPage& page, Instant asked);
  void note_failure(const Error& error);
  void tell(DenyFeedEvent::Kind kind, std::string detail = {}) const;

  const DenyFeedClientOptions options_;
  const Url address_;
  const std::shared_ptr<DenyList> list_;
  const std::shared_ptr<discovery::Backchannel> backchannel_;
  const std::shared_ptr<const Clock> clock_;

  FeedFollower follower_;  // of the question under way alone, as the next ones
  bool is_full_ = false;
  bool was_failing_ = false;

  mutable std::mutex mutex_;
  Status status_;
};

}  // namespace gatehouse::revocation
