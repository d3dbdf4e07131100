/// Transport — octets in and out of a connected socket, plain or under TLS; never waits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct ssl_st;

namespace gatehouse::hosting {

class TlsClientContext;
class TlsContext;

/// What came of one attempt.
struct Io {
  enum class Status : std::uint8_t { done, wait_readable, wait_writable, ended };
  Status status = Status::ended;  ///< ended: the peer is gone, or spoke no TLS
  std::size_t octets = 0;         ///< when done
  bool may_have_more = false;     ///< of a read: there may be octets that the socket will not tell of
  bool is_orderly =
      false;  ///< ended: the peer said that it has nothing more to send, by close_notify under TLS
};

class Transport {
 public:
  Transport(int socket, const TlsContext* tls);  ///< the server's end; plain without a context
  /// The client's end: the handshake ends unless the server has a certificate for `host`.
  Transport(int socket, const TlsClientContext& tls, const std::string& host);
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  bool is_tls() const noexcept { return ssl_ != nullptr; }

  Io handshake();
  Io read(std::span<char> into);
  Io write(std::string_view from);
  void say_goodbye();  ///< close_notify, as far as the socket takes it

  bool has_pending() const noexcept;  ///< octets came that nobody has read: the socket will not tell of them
  std::string why_ended() const;      ///< under TLS: what was wrong with the certificate, or with the talk

 private:
  Io result_of(int returned, std::size_t octets);

  int socket_;
  ssl_st* ssl_ = nullptr;
  unsigned long error_ = 0;  // of OpenSSL
  bool is_broken_ = false;   // after a fatal error nothing more may be sent (SSL_shutdown(3))
};

}  // namespace gatehouse::hosting
