/// What a restore reads besides the backup: the database that is there, and the journal; private to this
/// room.
///
/// Both are applied to the copy that becomes the database, within one transaction. States only move on: what
/// has ended stays so, whichever of the two says it, and in whichever order.
#pragma once

#include <cstddef>
#include <string>

#include "gatehouse/base/clock.h"
#include "gatehouse/stores/revocation_journal.h"
#include "gatehouse/stores/sqlite_connection.h"

namespace gatehouse::stores {

/// Users and clients that were removed after the backup, and are back, disabled.
struct BroughtBack {
  std::size_t users = 0;
  std::size_t clients = 0;
};

/// From the database that is attached as `old`, which has to be of the same version.
Result<void> absorb_old(SqliteConnection& connection);
Result<BroughtBack> count_brought_back(SqliteConnection& connection);

/// A line of the journal. Sessions that were rotated after what is known of them are marked for
/// settle_outdated(). Fails with unavailable for a line that is not understood.
Result<void> absorb_line(SqliteConnection& connection, const std::string& text, BroughtBack& brought_back);

/// Keys of which only the journal knows have no private key any more: they sign nothing, and what they have
/// signed is believed until `until`.
Result<void> settle_keys(SqliteConnection& connection, Instant now, Instant until);

/// How many sessions were marked: until `recoverable_until` tokens that are newer than the rows may carry
/// them on; the newest that the rows know counts no more.
Result<std::size_t> make_recoverable(SqliteConnection& connection, Instant recoverable_until);

/// Ends what is marked, or everything that is alive, and withdraws it until `until`; how many.
Result<std::size_t> end_marked(SqliteConnection& connection, Instant now, Instant until);
Result<std::size_t> end_everything(SqliteConnection& connection, Instant now, Instant until);

}  // namespace gatehouse::stores
