/// Transport — octets in and out of a connected socket, plain or under TLS; never waits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

struct ssl_st;

namespace gatehouse::hosting {

class TlsContext;

/// What came of one attempt.
struct Io {
  enum class Status : std::uint8_t { done, wait_readable, wait_writable, ended };
  Status status = Status::ended;  ///< ended: the peer is gone, or spoke no TLS
  std::size_t octets = 0;         ///< when done
  bool may_have_more = false;     ///< of a read: there may be octets that the socket will not tell of
};

class Transport {
 public:
  Transport(int socket, const TlsContext* tls);  ///< plain without a context
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  bool is_tls() const noexcept { return ssl_ != nullptr; }

  Io handshake();
  Io read(std::span<char> into);
  Io write(std::string_view from);
  void say_goodbye();  ///< close_notify, as far as the socket takes it

 private:
  Io result_of(int returned, std::size_t octets);

  int socket_;
  ssl_st* ssl_ = nullptr;
  bool is_broken_ = false;  // after a fatal error nothing more may be sent (SSL_shutdown(3))
};

}  // namespace gatehouse::hosting
