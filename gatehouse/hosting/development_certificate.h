/// Development certificate — HTTPS on this machine from the first start.
///
/// A self-signed P-256 certificate for localhost, 127.0.0.1 and ::1, good for a year and made again a month
/// before its end. It touches no trust store: how to trust it is said, and doing it is the developer's
/// choice.
#pragma once

#include <string>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"

namespace gatehouse::hosting {

struct DevelopmentCertificate {
  std::string certificate_file;  ///< PEM
  std::string key_file;          ///< PEM, readable by its owner only
  bool was_made = false;         ///< by this call
  std::string how_to_trust;      ///< a few lines for the terminal; empty unless it was made by this call
};

/// The certificate in `folder`, made there when it is missing, unreadable or near its end.
/// Fails with configuration_invalid naming the file that cannot be written.
Result<DevelopmentCertificate> ensure_development_certificate(const std::string& folder, Instant now);

}  // namespace gatehouse::hosting
