/// Snapshot — the last good metadata and keys of an authority on disk, for a restart while it does not
/// answer.
///
/// Its text is a compact JWS under HS256 (RFC 7515), so that nothing of it is read before its tag holds. It
/// has public keys alone, and says when they were fetched; who restores it judges that again by today's
/// options.
#pragma once

#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/discovery/metadata.h"

namespace gatehouse::discovery {

struct Snapshot {
  std::string address;   ///< of the document, as it was configured
  Instant fetched;       ///< when the authority last confirmed these
  std::string metadata;  ///< a document as the authority publishes it: `issuer` and `jwks_uri` alone
  std::string keys;      ///< the JWK set as it was published, but for `oct` keys; canonical JSON
  bool operator==(const Snapshot&) const = default;
};

/// `keys` may be the set as it came; `oct` keys of it are left out. Fails with malformed when it is none,
/// with weak_key for a key below 32 octets, and with too_large beyond 1 MiB.
Result<std::string> encode(const Snapshot& snapshot, const Secret& key);

/// Fails with signature_invalid for a text that was not made under `key`, whatever is wrong with it;
/// type_invalid for what was, and is no snapshot, or one of another version.
Result<Snapshot> decode(std::string_view text, const Secret& key);

/// What of a snapshot may be believed.
struct RestoredKeys {
  Metadata metadata;
  jose::KeySet keys;
  Instant fetched;  ///< never after `now`
};

/// Judges it as what is fetched is judged, by `rules`, whose address has to be the snapshot's. Fails with
/// metadata_invalid; with expired when it was fetched `lifetime` ago, which zero makes a week; and with
/// not_yet_valid when it was fetched more than a minute after `now`: one of the clocks was wrong, and
/// nothing says for how long it may be believed.
Result<RestoredKeys> restore(const Snapshot& snapshot, const MetadataRules& rules, Seconds lifetime,
                             Instant now);

/// Where a snapshot is kept. It blocks, and belongs to one thread at a time.
class SnapshotFile {
 public:
  /// Without a `key_file`, `file` with ".key" behind it.
  SnapshotFile(std::string file, std::string key_file);

  /// Fails with configuration_invalid when the operator's key file cannot be used, and when there is one
  /// without a snapshot.
  Result<void> check() const;

  /// Fails with not_found when there is none, else as decode and read_private_file: of links none is followed
  /// but that to the operator's key.
  Result<Snapshot> read() const;

  /// read() and restore(). Whatever fails, the subject names the file.
  Result<RestoredKeys> restore(const MetadataRules& rules, Seconds lifetime, Instant now) const;

  /// Replaces it whole, after making the key when there is none. Fails as encode and write_private_file.
  Result<void> write(const Snapshot& snapshot) const;

  Result<void> remove() const;

  const std::string& path() const noexcept { return file_; }

 private:
  Result<Secret> read_key() const;

  std::string file_;
  std::string key_file_;
  bool makes_key_;
};

}  // namespace gatehouse::discovery
