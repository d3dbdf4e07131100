/// TlsClientContext — whom to believe on the other end of a TLS connection that we open.
///
/// The policy of TlsContext; nothing is resumed. The server's certificate is always checked, its subject's CN
/// never taken for a name (RFC 9525 §6.3).
#pragma once

#include <memory>
#include <string>

#include "gatehouse/base/result.h"

struct ssl_st;
struct ssl_ctx_st;

namespace gatehouse::hosting {

class TlsClientContext {
 public:
  /// Trusts the certificates of `ca_file`, in PEM, or those of the system when that is empty. Fails with
  /// configuration_invalid naming the file and what to do: it is missing or unreadable, or no PEM.
  static Result<TlsClientContext> load(const std::string& ca_file);

  TlsClientContext(TlsClientContext&&) noexcept = default;
  TlsClientContext& operator=(TlsClientContext&&) noexcept = default;

  /// A client that takes no certificate but one for `host`, a name or an IP address; null without memory.
  ssl_st* make_session(const std::string& host) const;

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const noexcept;
  };
  explicit TlsClientContext(std::unique_ptr<ssl_ctx_st, Free> context) noexcept
      : context_(std::move(context)) {}

  std::unique_ptr<ssl_ctx_st, Free> context_;
};

}  // namespace gatehouse::hosting
