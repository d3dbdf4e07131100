/// TlsContext — one certificate and its key, ready to shake hands with.
///
/// TLS 1.2 with forward secrecy and authenticated encryption only, and TLS 1.3. No renegotiation, no
/// compression, no early data; sessions are resumed by tickets. Speaks http/1.1 to clients that ask by ALPN.
#pragma once

#include <memory>
#include <string>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"

struct ssl_ctx_st;

namespace gatehouse::hosting {

class TlsContext {
 public:
  /// Reads PEM files: the certificate with the chain behind it, and its key. Fails with configuration_invalid
  /// naming the file and what to do: it is missing or unreadable, no PEM, encrypted, the key of another
  /// certificate, or expired.
  static Result<TlsContext> load(const std::string& certificate_file, const std::string& key_file,
                                 Instant now);

  TlsContext(TlsContext&&) noexcept = default;
  TlsContext& operator=(TlsContext&&) noexcept = default;

  Instant expires() const noexcept { return expires_; }
  ssl_ctx_st* native() const noexcept { return context_.get(); }

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const noexcept;
  };
  explicit TlsContext(std::unique_ptr<ssl_ctx_st, Free> context) noexcept : context_(std::move(context)) {}

  std::unique_ptr<ssl_ctx_st, Free> context_;
  Instant expires_{};
};

}  // namespace gatehouse::hosting
