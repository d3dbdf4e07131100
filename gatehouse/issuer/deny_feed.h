/// DenyFeed — an issuer withdraws tokens, and tells whoever follows: this process at once, others over HTTP.
///
/// The log is the truth; the local DenyList and every follower are copies that catch up with it. What others
/// put into the log, such as a store that ends a session, is told as well.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/signal.h"
#include "gatehouse/base/task.h"
#include "gatehouse/http/endpoint.h"
#include "gatehouse/revocation/deny_entry.h"
#include "gatehouse/revocation/deny_list.h"
#include "gatehouse/stores/revocation_log.h"

namespace gatehouse::issuer {

struct DenyFeedOptions {
  std::string issuer;  ///< `iss` of the tokens
  revocation::DenyLifetimes lifetimes = {};
  std::chrono::milliseconds poll{250};  ///< how soon what others put into the log is seen
  std::size_t most_waiting = 1'000;     ///< followers that wait at once; the next ones are answered at once
};

class DenyFeed : public std::enable_shared_from_this<DenyFeed> {
 public:
  /// `log` and `clock` are borrowed; `list` may be null. `post_after` is hosting::Backchannel's; empty:
  /// followers are answered at once, and follow() does nothing.
  static std::shared_ptr<DenyFeed> make(DenyFeedOptions options, stores::RevocationLog& log,
                                        std::shared_ptr<revocation::DenyList> list, PostAfter post_after,
                                        const Clock& clock);

  /// Brings the local list up to the log and wakes followers: before serving, and after others have written.
  /// Fails as the log does, and as DenyList::add; the next call goes on where this one ended.
  Task<Result<void>> catch_up();

  /// catch_up() every `poll` from now on, until this goes.
  void follow();

  /// Withdraws what exists now; see make_deny_entry(). When it returns, requests in this process are refused
  /// and followers are on their way. Fails as publish().
  Task<Result<void>> revoke(revocation::DenyKind kind, std::string value);

  /// The same with times of the caller's own. Fails with too_large or malformed for a value that no follower
  /// takes, issuer_invalid for another's tokens, as the log, and as catch_up(), when it is in the log
  /// already.
  Task<Result<void>> publish(revocation::DenyEntry entry);

  /// GET {issuer}/feeds/deny?after=SEQ&wait=SECONDS&epoch=EPOCH: the entries after SEQ, as soon as there are
  /// any or `wait` is over (25 s at most); see revocation/feed_page.h. 400 for numbers that are none, 503
  /// when the log does not answer. Demand a scope of who asks: .require_scope("gatehouse.feed").
  http::Handler feed_endpoint();

  /// GET {issuer}/feeds/deny/snapshot?after=SEQ: the same from the start, and without waiting.
  http::Handler snapshot_endpoint();

 private:
  DenyFeed(DenyFeedOptions options, stores::RevocationLog& log, std::shared_ptr<revocation::DenyList> list,
           PostAfter post_after, const Clock& clock);

  Result<void> take(const stores::RevocationPage& page, Instant now);
  Task<http::Response> answer(http::HttpContext& context, bool may_wait);

  const DenyFeedOptions options_;
  stores::RevocationLog& log_;
  const std::shared_ptr<revocation::DenyList> list_;
  const PostAfter post_after_;
  const Clock& clock_;
  const std::shared_ptr<Signal> appended_ = std::make_shared<Signal>();
  std::atomic<std::uint64_t> position_ = 0;  // of what the list has
};

}  // namespace gatehouse::issuer
