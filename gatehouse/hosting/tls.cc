#include "gatehouse/hosting/tls.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <ctime>

#include "gatehouse/hosting/tls_policy.h"

namespace gatehouse::hosting {
namespace {

// Instead of OpenSSL's own, which asks the terminal and makes a service hang at its start.
int refuse_password(char*, int, int, void* was_asked) {
  *static_cast<bool*>(was_asked) = true;
  return -1;
}

Instant instant_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return Instant{};
  return Instant(std::chrono::seconds(::timegm(&parts)));
}

int select_protocol(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                    unsigned int offered_length, void*) {
  auto* selected = const_cast<unsigned char*>(*chosen);
  const int result =
      SSL_select_next_proto(&selected, length, reinterpret_cast<const unsigned char*>(alpn_http11.data()),
                            static_cast<unsigned int>(alpn_http11.size()), offered, offered_length);
  *chosen = selected;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;  // RFC 7301 §3.2
}

Result<void> use_certificate(SSL_CTX* context, const std::string& file, Instant now) {
  GH_CHECK(check_tls_file("certificate", file));
  if (SSL_CTX_use_certificate_chain_file(context, file.c_str()) != 1)
    return tls_file_fault(
        "certificate", file,
        fmt::format("is not used ({}); give a PEM file with the certificate first", take_openssl_reason()));
  const X509* certificate = SSL_CTX_get0_certificate(context);
  const Instant begins = instant_of(X509_get0_notBefore(certificate));
  const Instant ends = instant_of(X509_get0_notAfter(certificate));
  if (ends <= now)
    return tls_file_fault("certificate", file, fmt::format("expired at {}; renew it", format_instant(ends)));
  if (begins > now)
    return tls_file_fault(
        "certificate", file,
        fmt::format("is not valid before {}; check the clock of this machine", format_instant(begins)));
  return {};
}

Result<void> use_key(SSL_CTX* context, const std::string& file, const std::string& certificate_file) {
  GH_CHECK(check_tls_file("key", file));
  bool was_encrypted = false;
  SSL_CTX_set_default_passwd_cb(context, refuse_password);
  SSL_CTX_set_default_passwd_cb_userdata(context, &was_encrypted);
  const bool is_used = SSL_CTX_use_PrivateKey_file(context, file.c_str(), SSL_FILETYPE_PEM) == 1;
  SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
  if (was_encrypted) {
    ERR_clear_error();
    return tls_file_fault(
        "key", file,
        "is encrypted; store it decrypted (openssl pkey -in FILE), readable for the service only");
  }
  const bool is_other = !is_used && ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH;
  if (is_other || (is_used && SSL_CTX_check_private_key(context) != 1)) {
    ERR_clear_error();
    return tls_file_fault(
        "key", file,
        fmt::format("is the key of another certificate than '{}'; give the matching pair", certificate_file));
  }
  if (!is_used)
    return tls_file_fault(
        "key", file, fmt::format("is not used ({}); give a PEM file with the key", take_openssl_reason()));
  return {};
}

}  // namespace

void TlsContext::Free::operator()(ssl_ctx_st* context) const noexcept { SSL_CTX_free(context); }

Result<TlsContext> TlsContext::load(const std::string& certificate_file, const std::string& key_file,
                                    Instant now) {
  ERR_clear_error();
  TlsContext loaded(std::unique_ptr<ssl_ctx_st, Free>(SSL_CTX_new(TLS_server_method())));
  if (!loaded.context_)
    return fail(Failure::internal, "OpenSSL gives no TLS context: " + take_openssl_reason());
  apply_tls_policy(loaded.native());
  SSL_CTX_set_options(loaded.native(), SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_alpn_select_cb(loaded.native(), select_protocol, nullptr);
  GH_CHECK(use_certificate(loaded.native(), certificate_file, now));
  GH_CHECK(use_key(loaded.native(), key_file, certificate_file));
  loaded.expires_ = instant_of(X509_get0_notAfter(SSL_CTX_get0_certificate(loaded.native())));
  return loaded;
}

}  // namespace gatehouse::hosting
