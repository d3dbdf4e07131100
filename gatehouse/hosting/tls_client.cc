#include "gatehouse/hosting/tls_client.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "gatehouse/base/ip_address.h"
#include "gatehouse/hosting/tls_policy.h"

namespace gatehouse::hosting {
namespace {

struct FreeSession {
  void operator()(SSL* session) const noexcept { SSL_free(session); }
};

// A certificate in the file is trusted as it is, an intermediate one too: whoever names it means it.
Result<void> trust(SSL_CTX* context, const std::string& ca_file) {
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
  if (ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return {};
  }
  GH_CHECK(check_tls_file("CA", ca_file));
  if (SSL_CTX_load_verify_file(context, ca_file.c_str()) != 1)
    return tls_file_fault(
        "CA", ca_file,
        fmt::format("is not used ({}); give a PEM file of certificates", take_openssl_reason()));
  return {};
}

bool expect_name(SSL* session, const std::string& host) {
  X509_VERIFY_PARAM* rules = SSL_get0_param(session);
  if (const auto address = IpAddress::parse(host))  // no name, so no SNI (RFC 6066 §3)
    return X509_VERIFY_PARAM_set1_ip(rules, address->octets().data(), address->octets().size()) == 1;
  const std::string name = host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
  X509_VERIFY_PARAM_set_hostflags(rules,
                                  X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return !name.empty() && SSL_set1_host(session, name.c_str()) == 1 &&
         SSL_set_tlsext_host_name(session, name.c_str()) == 1;
}

}  // namespace

void TlsClientContext::Free::operator()(ssl_ctx_st* context) const noexcept { SSL_CTX_free(context); }

Result<TlsClientContext> TlsClientContext::load(const std::string& ca_file) {
  ERR_clear_error();
  TlsClientContext loaded(std::unique_ptr<ssl_ctx_st, Free>(SSL_CTX_new(TLS_client_method())));
  SSL_CTX* context = loaded.context_.get();
  if (!context) return fail(Failure::internal, "OpenSSL gives no TLS context: " + take_openssl_reason());
  apply_tls_policy(context);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(alpn_http11.data()),
                          static_cast<unsigned int>(alpn_http11.size()));
  GH_CHECK(trust(context, ca_file));
  ERR_clear_error();  // a system without a store is no error until somebody is to be believed
  return loaded;
}

ssl_st* TlsClientContext::make_session(const std::string& host) const {
  std::unique_ptr<SSL, FreeSession> session(SSL_new(context_.get()));
  if (!session || !expect_name(session.get(), host)) return nullptr;
  SSL_set_connect_state(session.get());
  return session.release();
}

}  // namespace gatehouse::hosting
