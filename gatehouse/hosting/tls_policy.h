/// TLS policy — what both ends of our TLS have in common, and how a fault of their files reads; private to
/// this room.
#pragma once

#include <string>
#include <string_view>

#include "gatehouse/base/result.h"

struct ssl_ctx_st;

namespace gatehouse::hosting {

/// TLS 1.2 with forward secrecy and authenticated encryption only, and TLS 1.3; no renegotiation, no
/// compression, no early data (RFC 9325).
void apply_tls_policy(ssl_ctx_st* context);

/// The only protocol offered and taken by ALPN (RFC 7301), in its wire form.
inline constexpr std::string_view alpn_http11 = "\x08http/1.1";

/// configuration_invalid: "the TLS `what` file '`file`' `why`".
std::unexpected<Error> tls_file_fault(std::string_view what, const std::string& file, std::string_view why);

Result<void> check_tls_file(std::string_view what, const std::string& file);  ///< it is there and readable

std::string take_openssl_reason();  ///< of the last error of this thread, which is then forgotten

}  // namespace gatehouse::hosting
