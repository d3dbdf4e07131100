#include "gatehouse/hosting/transport.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>
#include <new>

#include "gatehouse/hosting/tls.h"
#include "gatehouse/hosting/tls_client.h"

namespace gatehouse::hosting {
namespace {

Io failed(Io::Status wait) {
  const bool may_come = errno == EAGAIN || errno == EWOULDBLOCK;
  return {.status = may_come ? wait : Io::Status::ended};
}

}  // namespace

// OpenSSL reads and writes the socket itself, and with read-ahead takes what there is in one call.
Transport::Transport(int socket, const TlsContext* tls) : socket_(socket) {
  if (!tls) return;
  ssl_ = SSL_new(tls->native());
  if (!ssl_) throw std::bad_alloc();
  SSL_set_accept_state(ssl_);
  is_broken_ = SSL_set_fd(ssl_, socket) != 1;
}

Transport::Transport(int socket, const TlsClientContext& tls, const std::string& host)
    : socket_(socket), ssl_(tls.make_session(host)) {
  if (!ssl_) throw std::bad_alloc();
  is_broken_ = SSL_set_fd(ssl_, socket) != 1;
}

Transport::~Transport() { SSL_free(ssl_); }

// Records may wait in OpenSSL, and octets behind them in the socket: only WANT_READ tells that there are
// none.
Io Transport::result_of(int returned, std::size_t octets) {
  if (returned > 0) return {.status = Io::Status::done, .octets = octets, .may_have_more = true};
  switch (SSL_get_error(ssl_, returned)) {
    case SSL_ERROR_WANT_READ:
      return {.status = Io::Status::wait_readable};
    case SSL_ERROR_WANT_WRITE:
      return {.status = Io::Status::wait_writable};
    case SSL_ERROR_ZERO_RETURN:
      return {.status = Io::Status::ended, .is_orderly = true};
    default:
      error_ = ERR_peek_error();
      is_broken_ = true;
      return {.status = Io::Status::ended};
  }
}

// An error left in the thread's queue by another connection would be taken for this one's.
Io Transport::handshake() {
  if (is_broken_) return {};
  ERR_clear_error();
  return result_of(SSL_do_handshake(ssl_), 0);
}

Io Transport::read(std::span<char> into) {
  if (!ssl_) {
    const ssize_t received = ::recv(socket_, into.data(), into.size(), 0);
    if (received < 0) return failed(Io::Status::wait_readable);
    if (received == 0) return {.is_orderly = true};
    const auto octets = static_cast<std::size_t>(received);
    return {.status = Io::Status::done, .octets = octets, .may_have_more = octets == into.size()};
  }
  ERR_clear_error();
  std::size_t octets = 0;
  const int returned = SSL_read_ex(ssl_, into.data(), into.size(), &octets);
  return result_of(returned, octets);
}

Io Transport::write(std::string_view from) {
  if (!ssl_) {
    const ssize_t sent = ::send(socket_, from.data(), from.size(), MSG_NOSIGNAL);
    if (sent < 0) return failed(Io::Status::wait_writable);
    return {.status = Io::Status::done, .octets = static_cast<std::size_t>(sent)};
  }
  ERR_clear_error();
  std::size_t octets = 0;
  const int returned = SSL_write_ex(ssl_, from.data(), from.size(), &octets);
  return result_of(returned, octets);
}

bool Transport::has_pending() const noexcept { return ssl_ && SSL_has_pending(ssl_) == 1; }

std::string Transport::why_ended() const {
  if (const long verdict = ssl_ ? SSL_get_verify_result(ssl_) : X509_V_OK; verdict != X509_V_OK)
    return X509_verify_cert_error_string(verdict);
  const char* reason = error_ ? ERR_reason_error_string(error_) : nullptr;
  return reason ? reason : "the connection was closed";
}

void Transport::say_goodbye() {
  if (!ssl_ || is_broken_ || SSL_in_init(ssl_)) return;
  ERR_clear_error();
  SSL_shutdown(ssl_);
}

}  // namespace gatehouse::hosting
