/// HttpClient — asks other servers for documents, and posts forms to them, on the reactor of whoever calls it
/// (HTTP/1.1, RFC 9112).
///
/// It never follows a redirect, never asks for compression, and believes no certificate without a check.
/// Everything is bounded: time, header, body, connections that are kept. Nothing blocks the reactor. Who has
/// none, or wants none to wait, asks through a Backchannel.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/base/ip_address.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"
#include "gatehouse/base/url.h"
#include "gatehouse/hosting/proxy_settings.h"
#include "gatehouse/http/headers.h"

namespace gatehouse::hosting {

class Reactor;

struct HttpClientOptions {
  std::string
      ca_file;  ///< PEM, the certificates to trust; empty: those of the system, read when first needed
  std::size_t maximum_header = 32 * 1024;
  std::size_t maximum_body = 512 * 1024;             ///< decoded
  std::chrono::milliseconds connect_timeout{5'000};  ///< all addresses of a host, proxy and TLS handshake
  std::size_t maximum_idle_connections = 8;          ///< kept for further requests; 0 keeps none
  std::chrono::milliseconds idle_timeout{60'000};    ///< for which each is kept
  ProxySettings proxy;                               ///< none; see ProxySettings::from_environment

  /// The addresses of a host name, in the order to try them. Called on a thread of the client's own, where it
  /// may block and must not throw. Empty: the system's look-up (getaddrinfo).
  std::function<Result<std::vector<IpAddress>>(const std::string& host)> resolve;
};

struct HttpClientRequest {
  Url url;
  /// Sent as they are. Not for what the client says itself: Host, Connection, Accept-Encoding, lengths,
  /// Proxy-Authorization.
  std::vector<std::pair<std::string, std::string>> headers = {};
  /// Makes it a POST with this body (RFC 9110 §9.3.3), whose type is among `headers`. Empty: a GET.
  std::string body = {};
  /// Only addresses that IpAddress::is_public() lets pass are connected to, so that a URL of somebody else's
  /// does not reach into this network. Behind a proxy it is the proxy that resolves names: there the rule
  /// holds for URLs with an address only, and the proxy has to have one of its own.
  bool public_addresses_only = false;
  std::chrono::milliseconds deadline{10'000};  ///< from the call to the last octet; kept to 100 milliseconds
};

struct HttpClientResponse {
  int status = 0;                 ///< 200 to 599
  http::ResponseHeaders headers;  ///< as they came, those about the connection and the framing too
  std::string body;               ///< decoded; empty for 204 and 304
};

class HttpClient {
 public:
  /// Fails with configuration_invalid naming the option and the fix: a `ca_file` that cannot be used.
  static Result<std::unique_ptr<HttpClient>> make(Reactor& reactor, HttpClientOptions options);

  /// Ends the requests under way with unavailable, and waits for the system's look-ups. On the reactor's
  /// thread, or after it; before the reactor goes.
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Whatever status the server answers with is a response. A kept connection that the server has closed
  /// meanwhile is replaced by a new one, once; what has a body is never sent over a kept one. On the
  /// reactor's thread only; goes on there.
  ///
  /// Fails with unavailable (no address, no connection, no trust in the certificate, no answer in time, an
  /// answer that ended early; the subject says which and why), address_not_allowed (the subject is the
  /// address), too_large (header or body beyond its cap), and malformed: the answer is no HTTP/1.1 that is
  /// understood in one way only, or the request could not be sent as one. No subject holds a secret.
  Task<Result<HttpClientResponse>> send(HttpClientRequest request);

  std::size_t idle_connections() const noexcept;

 private:
  class State;
  explicit HttpClient(std::unique_ptr<State> state) noexcept;

  std::unique_ptr<State> state_;
};

}  // namespace gatehouse::hosting
