/// Listen settings — where an application is reached: `Urls`, and `Tls:CertificateFile` with `Tls:KeyFile`.
#pragma once

#include <string>
#include <vector>

#include "gatehouse/configuration/configuration.h"
#include "gatehouse/configuration/environment.h"
#include "gatehouse/configuration/faults.h"
#include "gatehouse/hosting/server.h"

namespace gatehouse::hosting {

struct ListenSettings {
  std::vector<ListenAddress> addresses;
  std::string certificate_file;
  std::string key_file;

  bool uses_tls() const noexcept;
};

/// `Urls` is a list, or one text with ';' between; without it, http://localhost:5080 and
/// https://localhost:5443. Outside Development an https address needs certificate files; in Development they
/// may be missing.
ListenSettings read_listen_settings(const configuration::Configuration& configuration,
                                    const configuration::Environment& environment,
                                    configuration::Faults& faults);

}  // namespace gatehouse::hosting
