/// Store — everything an issuer keeps, in one place, so that what belongs together is written together.
#pragma once

#include <memory>
#include <string>

#include "gatehouse/base/result.h"
#include "gatehouse/stores/audit_log.h"
#include "gatehouse/stores/client_store.h"
#include "gatehouse/stores/external_login_store.h"
#include "gatehouse/stores/key_store.h"
#include "gatehouse/stores/revocation_log.h"
#include "gatehouse/stores/session_store.h"

namespace gatehouse::stores {

class Store {
 public:
  virtual ~Store() = default;

  virtual SessionStore& sessions() = 0;
  virtual RevocationLog& revocations() = 0;
  virtual ClientStore& clients() = 0;
  virtual KeyStore& keys() = 0;
  virtual AuditLog& audit() = 0;
  virtual ExternalLoginStore& external_logins() = 0;

  /// The latest instant that anything was written at, over restarts too: an issuer whose clock is behind it
  /// goes by this one, so that nothing that has expired lives again.
  virtual Instant latest() const = 0;
};

/// In memory, gone with the process: for tests and demonstrations.
std::unique_ptr<Store> make_memory_store();

struct SqliteOptions {
  std::size_t readers = 2;             ///< threads and connections that read, besides the one that writes
  std::size_t longest_queue = 10'000;  ///< calls that may wait for the writer; more are overloaded
  Seconds longest_wait{5};             ///< for another process that writes
};

/// In one SQLite file of mode 0600, made when it is not there. WAL; what is acknowledged is on the disk;
/// calls that wait at once share one commit. Fails with unavailable, naming the path and what SQLite said,
/// and with conflict when the file is from a newer release.
Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, const SqliteOptions& options = {});

}  // namespace gatehouse::stores
