/// Keys on a PKCS#11 token — an HSM, a smart card, SoftHSM: they sign there and never leave it.
///
/// The token is reached through OpenSSL's engine for PKCS#11 (Debian: libengine-pkcs11-openssl), which holds
/// one module for the whole process.
#pragma once

#include <string>
#include <string_view>

#include "gatehouse/base/result.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/jose/key.h"

namespace gatehouse::jose {

struct Pkcs11Options {
  std::string module_path = {};  ///< the token's library; the URI's module-path when empty
  Secret pin = {};               ///< the content of the file that the URI's pin-source names when empty
};

/// The private key that `uri` names (RFC 7512):
/// "pkcs11:token=gatehouse;object=signing?pin-source=file:/run/pin". It signs with RS*, PS* and ES* and does
/// nothing else; it is read with its public half, and one trial signature tells that both belong together.
/// Fails with configuration_invalid: no such URI, a PIN written in it, no engine or module, another module
/// than before; or key_invalid: no such key, a wrong PIN, a key that no algorithm here uses. No failure and
/// no log holds the PIN.
Result<Key> open_pkcs11_key(std::string_view uri, const Pkcs11Options& options = {}, std::string kid = {});

}  // namespace gatehouse::jose
