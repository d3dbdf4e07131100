#include "gatehouse/hosting/tls_policy.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace gatehouse::hosting {
namespace {

// TLS 1.2 has suites without forward secrecy and without authenticated encryption; these have both. TLS 1.3
// has no others.
constexpr const char* tls12_suites = "ECDHE+AESGCM:ECDHE+CHACHA20";

}  // namespace

void apply_tls_policy(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, tls12_suites);
  SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384");
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context,
                                 SSL_SESS_CACHE_OFF);  // tickets resume without memory or lock of ours
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);  // 34 KiB less for each idle connection
  SSL_CTX_set_read_ahead(context, 1);
}

std::unexpected<Error> tls_file_fault(std::string_view what, const std::string& file, std::string_view why) {
  return fail(Failure::configuration_invalid, fmt::format("the TLS {} file '{}' {}", what, file, why));
}

std::string take_openssl_reason() {
  const unsigned long error = ERR_peek_last_error();
  const char* reason = error ? ERR_reason_error_string(error) : nullptr;
  ERR_clear_error();
  return reason ? reason : "unknown";
}

Result<void> check_tls_file(std::string_view what, const std::string& file) {
  const int opened = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (opened >= 0) {
    ::close(opened);
    return {};
  }
  if (errno == ENOENT) return tls_file_fault(what, file, "does not exist; give the path of a PEM file");
  return tls_file_fault(
      what, file, fmt::format("cannot be read ({}); let the service's user read it", std::strerror(errno)));
}

}  // namespace gatehouse::hosting
