/// ConfigurationManager — the metadata and keys of one authority, kept fresh.
///
/// Readers never wait and never lock: they read what was published last. One fetch at most is under way, on
/// the backchannel's thread, whoever asked for it; it belongs to no request, and a request that gives up
/// waiting leaves it running. When to fetch is decided by RefreshSchedule. A set that does not pass is
/// refused, and the last good one kept; with snapshot_file across restarts. The first fetch begins by reading
/// that file.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/published.h"
#include "gatehouse/base/random.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"
#include "gatehouse/discovery/authority_options.h"
#include "gatehouse/discovery/backchannel.h"
#include "gatehouse/discovery/metadata.h"
#include "gatehouse/discovery/snapshot.h"
#include "gatehouse/tokens/trust.h"

namespace gatehouse::discovery {

/// What was published last. Immutable.
struct Configuration {
  Metadata metadata;
  jose::KeySet keys;
  std::shared_ptr<tokens::Trust> trust;  ///< the same object as before unless a key was taken away
};

/// What came of looking for a key.
enum class Lookup : std::uint8_t {
  changed,      ///< there are other keys than before: try again
  unchanged,    ///< the authority has no such key, or was asked too lately to be asked again
  unavailable,  ///< the authority did not answer, or not in time
};

/// Something an operator wants to know; never more than one an event.
struct ConfigurationEvent {
  enum class Kind : std::uint8_t {
    keys_received,     ///< the first, or others than before
    fetch_failed,      ///< after it had worked
    recovered,         ///< after it had failed
    keys_restored,     ///< those of the snapshot serve until the authority answers
    snapshot_refused,  ///< there is one, and it was not used
    snapshot_failed,   ///< it cannot be written, after it could
  };
  Kind kind;
  std::string authority;
  std::string detail;       ///< the failure, or how many keys; of a snapshot with the name of its file
  std::size_t removed = 0;  ///< keys that are no longer there
};

class ConfigurationManager : public std::enable_shared_from_this<ConfigurationManager> {
 public:
  /// Fails with configuration_invalid naming the option and the fix: no address, one that is no URL, one of
  /// http while require_https_metadata is on, a snapshot_key_file that cannot be used. `clock` and
  /// `backchannel` are shared.
  static Result<std::shared_ptr<ConfigurationManager>> make(AuthorityOptions options,
                                                            std::shared_ptr<Backchannel> backchannel,
                                                            std::shared_ptr<const Clock> clock);

  /// Null until the first good fetch. Whether it may still be believed says its trust.
  std::shared_ptr<const Configuration> current() const { return current_.read(); }

  /// Starts a fetch where one is due. Costs an atomic load where none is.
  void refresh_if_due(Instant now) {
    if (now.time_since_epoch().count() >= due_.load(std::memory_order_relaxed)) begin_if_due(now);
  }

  /// Ends when there are keys that may be believed, or the fetch under way has failed, or the wait is over.
  /// `may_wait` false only starts the fetch.
  Task<Lookup> wait_for_keys(Instant now, bool may_wait);

  /// A token names `kid`, and `seen` has no such key. Asks the authority unless it was asked too lately, or
  /// for this kid in vain.
  Task<Lookup> look_for(std::string kid, std::shared_ptr<const Configuration> seen, Instant now,
                        bool may_wait);

  /// Fetches now, and ends when that is done: for operators and for the start. Never times out by itself.
  Task<Result<void>> refresh();

  const std::string& issuer() const noexcept { return issuer_; }  ///< empty: whom its document names
  const std::string& name() const noexcept;                       ///< for people: the issuer, or the address
  const AuthorityOptions& options() const noexcept { return options_; }

  struct Status {
    bool has_keys = false;                ///< that may be believed
    bool is_failing = false;              ///< the last fetch failed
    std::optional<Instant> fetched = {};  ///< when the good set came
    std::size_t keys = 0;
    std::uint64_t fetches = 0;  ///< ended since the start
    std::string failure = {};   ///< of the last fetch
  };
  Status status(Instant now) const;

  /// Called on the backchannel's thread before anybody who waits goes on; set them before the first fetch.
  std::function<void(const std::shared_ptr<const Configuration>&)> on_published = {};
  std::function<void(const ConfigurationEvent&)> on_event = {};
  std::function<double()> jitter = random_fraction;  ///< from 0 to 1

 private:
  struct Waiting;
  class Wait;
  struct Fetched;

  ConfigurationManager(AuthorityOptions options, std::string issuer, std::vector<Url> addresses,
                       std::optional<Url> fetch_base, std::shared_ptr<Backchannel> backchannel,
                       std::shared_ptr<const Clock> clock);

  void begin_if_due(Instant now);
  void start_fetch();
  Task<void> run_fetch();
  Task<Result<Fetched>> fetch();
  Task<Result<Metadata>> fetch_metadata();
  Task<Result<DocumentResponse>> get(Url url, std::string etag);
  MetadataRules rules_for(const Url& address) const;
  void restore_snapshot();
  std::optional<std::string> save_snapshot(const Configuration& good, Instant now, bool is_changed);
  Instant trusted_until(Instant fetched) const;
  void settle(Result<Fetched> fetched);
  std::shared_ptr<const Configuration> adopt(Fetched& fetched, std::size_t& removed);
  void finish(Instant now);
  Url seen_from_here(const Url& url) const;
  bool was_in_vain(const std::string& kid, Instant now);
  void remember_in_vain(std::string kid, Instant now);
  bool stop_waiting(const std::shared_ptr<Waiting>& waiting);

  const AuthorityOptions options_;
  const std::string issuer_;
  const std::vector<Url> addresses_;  // of the document, in the order they are tried
  const std::optional<Url> fetch_base_;
  const std::shared_ptr<Backchannel> backchannel_;
  const std::shared_ptr<const Clock> clock_;

  Published<Configuration> current_;
  std::atomic<Instant::rep> due_ = Instant::min().time_since_epoch().count();

  mutable std::mutex mutex_;  // of what follows; never held while anybody else's code runs
  RefreshSchedule schedule_;
  std::vector<std::shared_ptr<Waiting>> waiting_;
  std::uint64_t fetches_ = 0;
  std::string failure_;
  struct Vain {
    int times = 0;
    Instant until;
  };
  std::unordered_map<std::string, Vain> in_vain_;  // kids that the authority did not have

  // Of the fetch under way alone.
  std::string metadata_etag_, keys_etag_;
  std::optional<SnapshotFile> snapshot_;
  std::string keys_document_;  // what the last good keys were read from; kept for the snapshot
  bool has_looked_for_snapshot_ = false;
  bool fails_to_save_ = false;
};

}  // namespace gatehouse::discovery
