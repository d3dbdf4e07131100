#include "gatehouse/hosting/http_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "gatehouse/base/ascii.h"
#include "gatehouse/hosting/client_call.h"
#include "gatehouse/hosting/client_connection.h"
#include "gatehouse/hosting/connection_pool.h"
#include "gatehouse/hosting/field_text.h"
#include "gatehouse/hosting/resolver.h"
#include "gatehouse/hosting/response_parser.h"
#include "gatehouse/hosting/tls_client.h"

namespace gatehouse::hosting {
namespace {

using Opened = Result<std::unique_ptr<ClientConnection>>;

// What the client says itself, or what would change how the connection is read.
constexpr std::array own_fields = {
    "Host", "Connection", "Keep-Alive", "Accept-Encoding", "Content-Length",      "Transfer-Encoding",
    "TE",   "Trailer",    "Upgrade",    "Expect",          "Proxy-Authorization", "Proxy-Connection"};

Error unavailable(std::string why) { return {.kind = Failure::unavailable, .subject = std::move(why)}; }

// "issuer.example:443", for CONNECT and for messages: always with the port.
std::string address_text(const std::string& host, std::uint16_t port) {
  return host.contains(':') ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

// A Url may have been filled in by hand: what is no URL could be a second request.
Result<void> check_request(const HttpClientRequest& request) {
  const auto parsed = Url::parse(request.url.text());
  if (!parsed || *parsed != request.url) return fail(Failure::malformed, "the request's URL is none");
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || has_control(value))
      return fail(Failure::malformed, "a header field of the request has characters that none can have");
    if (std::ranges::any_of(own_fields, [&](const char* own) { return equals_ignoring_case(own, name); }))
      return fail(Failure::malformed, fmt::format("the request's header field {} is the client's own", name));
  }
  return {};
}

std::string authorization_of(const Proxy& proxy) {
  if (proxy.authorization.empty()) return {};
  return fmt::format("Proxy-Authorization: {}\r\n", proxy.authorization.reveal());
}

// A proxy that is to ask for us gets the whole URL (RFC 9112 §3.2.2); one that only carries gets none of
// this.
std::string write_request(const HttpClientRequest& request, const Proxy* proxy) {
  const Url& url = request.url;
  const bool is_for_proxy = proxy && !url.is_https();
  std::string octets = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nAccept-Encoding: identity\r\n",
                                   request.body.empty() ? "GET" : "POST",
                                   is_for_proxy ? url.text() : url.target, url.authority());
  if (is_for_proxy) octets += authorization_of(*proxy);
  for (const auto& [name, value] : request.headers)
    octets.append(name).append(": ").append(value).append("\r\n");
  if (!request.body.empty()) octets += fmt::format("Content-Length: {}\r\n", request.body.size());
  return octets.append("\r\n").append(request.body);
}

std::string write_connect(const std::string& target, const Proxy& proxy) {
  return fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n{1}\r\n", target, authorization_of(proxy));
}

// What may share a connection. The proxy follows from the URL.
std::string key_of(const HttpClientRequest& request) {
  return fmt::format("{}://{}{}", request.url.scheme, address_text(request.url.host, request.url.port),
                     request.public_addresses_only ? " public" : "");
}

// Drops the addresses that the rule forbids; fails when none is left.
Result<void> keep_public(std::vector<IpAddress>& addresses) {
  const IpAddress first = addresses.front();
  std::erase_if(addresses, [](const IpAddress& address) { return !address.is_public(); });
  if (addresses.empty()) return fail(Failure::address_not_allowed, first.text());
  return {};
}

}  // namespace

class HttpClient::State {
 public:
  State(Reactor& reactor, HttpClientOptions options)
      : reactor_(reactor),
        options_(std::move(options)),
        resolver_(reactor, options_.resolve),
        pool_(reactor, options_.maximum_idle_connections, options_.idle_timeout) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State();

  Result<void> load_trust();
  Task<Result<HttpClientResponse>> send(HttpClientRequest request);
  std::size_t idle_connections() const noexcept { return pool_.size(); }

 private:
  // A call that the client ends when it goes.
  class Listed {
   public:
    explicit Listed(State& state) : state_(state) { state.calls_.push_back(&call); }
    Listed(const Listed&) = delete;
    Listed& operator=(const Listed&) = delete;
    ~Listed() { std::erase(state_.calls_, &call); }
    ClientCall call;

   private:
    State& state_;
  };

  Task<Opened> open(ClientCall& call, const HttpClientRequest& request, const Proxy* proxy);
  Task<Result<std::vector<IpAddress>>> find_addresses(ClientCall& call, std::string host, bool only_public);
  Task<Result<void>> open_tunnel(ClientCall& call, ClientConnection& connection, const Url& url,
                                 const Proxy& proxy);

  Reactor& reactor_;
  const HttpClientOptions options_;
  std::optional<TlsClientContext> tls_;
  Resolver resolver_;
  ConnectionPool pool_;
  std::vector<ClientCall*> calls_;
  bool is_closing_ = false;
};

// Each call runs to its end meanwhile, and so may whoever awaits it.
HttpClient::State::~State() {
  is_closing_ = true;
  while (!calls_.empty()) {
    ClientCall* const call = calls_.back();
    calls_.pop_back();
    call->end(unavailable("the HTTP client was closed"));
  }
}

Result<void> HttpClient::State::load_trust() {
  if (tls_) return {};
  auto loaded = TlsClientContext::load(options_.ca_file);
  if (!loaded) return fail(loaded.error().kind, fmt::format("ca_file: {}", loaded.error().subject));
  tls_ = *std::move(loaded);
  return {};
}

Task<Result<HttpClientResponse>> HttpClient::State::send(HttpClientRequest request) {
  GH_CO_CHECK(check_request(request));
  if (is_closing_) co_return std::unexpected(unavailable("the HTTP client was closed"));
  Listed listed(*this);
  ClientCall& call = listed.call;
  const CallAlarm deadline(reactor_, call, request.deadline,
                           unavailable(fmt::format("no answer from {} within {} ms", request.url.authority(),
                                                   request.deadline.count())));

  const Proxy* const proxy = options_.proxy.proxy_for(request.url);
  const std::string octets = write_request(request, proxy);
  // Whether a POST over a connection that was closed just then has been done, nobody could say.
  std::unique_ptr<ClientConnection> connection = request.body.empty() ? pool_.take(key_of(request)) : nullptr;
  bool is_kept = connection != nullptr;
  for (;;) {
    if (!connection) {
      GH_CO_TRY(connection, co_await open(call, request, proxy));
    }
    ResponseParser parser(ResponseParser::Method::get, options_.maximum_header, options_.maximum_body);
    Result<HttpClientResponse> response = co_await connection->exchange(call, parser, octets);
    // Its server may have closed it just when we asked; nothing was done then, and GET may be asked twice.
    if (!response && is_kept && !connection->has_answered() && !call.is_over()) {
      is_kept = false;
      connection.reset();
      continue;
    }
    if (response && parser.keeps_alive()) pool_.keep(key_of(request), std::move(connection));
    co_return response;
  }
}

Task<Result<std::vector<IpAddress>>> HttpClient::State::find_addresses(ClientCall& call, std::string host,
                                                                       bool only_public) {
  const CallAlarm alarm(reactor_, call, options_.connect_timeout,
                        unavailable(fmt::format("cannot resolve {}: no answer within {} ms", host,
                                                options_.connect_timeout.count())));
  auto addresses = co_await resolver_.resolve(call, host);
  if (addresses && only_public) {
    GH_CO_CHECK(keep_public(*addresses));
  }
  co_return addresses;
}

// The addresses that are checked are the ones that are connected to: a name is looked up once, and here.
Task<Opened> HttpClient::State::open(ClientCall& call, const HttpClientRequest& request, const Proxy* proxy) {
  const Url& url = request.url;
  if (proxy && request.public_addresses_only) {
    const auto literal = IpAddress::parse(url.host);
    if (literal && !literal->is_public()) co_return fail(Failure::address_not_allowed, literal->text());
  }
  const std::string host = proxy ? proxy->host : url.host;
  const std::uint16_t port = proxy ? proxy->port : url.port;
  const bool only_public = request.public_addresses_only && !proxy;
  GH_CO_TRY(std::vector<IpAddress> addresses, co_await find_addresses(call, host, only_public));

  const std::string peer = address_text(host, port);
  const std::string server = address_text(url.host, url.port);
  const std::string way = proxy ? fmt::format("{} through the proxy {}", server, peer) : server;
  const auto timeout = options_.connect_timeout;
  const CallAlarm alarm(
      reactor_, call, timeout,
      unavailable(fmt::format("cannot connect to {}: no connection within {} ms", way, timeout.count())));
  Opened opened = co_await ClientConnection::open(reactor_, call, addresses, port, timeout);
  if (!opened && !call.is_over())
    opened.error().subject =
        fmt::format("cannot connect to {}{}: {}", proxy ? "the proxy " : "", peer, opened.error().subject);
  if (!opened) co_return opened;
  if (!url.is_https()) co_return opened;
  GH_CO_CHECK(load_trust());
  if (proxy) {
    GH_CO_CHECK(co_await open_tunnel(call, **opened, url, *proxy));
  }
  const Result<void> secured = co_await (*opened)->start_tls(call, *tls_, url.host);
  if (secured) co_return opened;
  Error error = secured.error();
  if (!call.is_over()) error.subject = fmt::format("cannot connect to {}: {}", server, error.subject);
  co_return std::unexpected(std::move(error));
}

// What comes after the proxy's answer and before we begin is nobody's, or a forged beginning of TLS.
Task<Result<void>> HttpClient::State::open_tunnel(ClientCall& call, ClientConnection& connection,
                                                  const Url& url, const Proxy& proxy) {
  const std::string target = address_text(url.host, url.port);
  const std::string name = fmt::format("the proxy {}", address_text(proxy.host, proxy.port));
  ResponseParser parser(ResponseParser::Method::connect, options_.maximum_header, 0);
  std::string octets = write_connect(target, proxy);
  auto answer = co_await connection.exchange(call, parser, octets);
  if (!answer) {
    if (!call.is_over()) answer.error().subject = fmt::format("{}: {}", name, answer.error().subject);
    co_return std::unexpected(std::move(answer).error());
  }
  if (answer->status / 100 != 2)
    co_return std::unexpected(
        unavailable(fmt::format("{} answered {} to CONNECT {}", name, answer->status, target)));
  if (connection.has_rest())
    co_return fail(Failure::malformed, fmt::format("{} sent more than its answer to CONNECT", name));
  co_return Result<void>();
}

Result<std::unique_ptr<HttpClient>> HttpClient::make(Reactor& reactor, HttpClientOptions options) {
  const bool has_file = !options.ca_file.empty();
  auto state = std::make_unique<State>(reactor, std::move(options));
  // The system's store is 140 certificates or so: milliseconds and megabytes that plain HTTP does not need.
  if (has_file) {
    GH_CHECK(state->load_trust());
  }
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(state)));
}

HttpClient::HttpClient(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
HttpClient::~HttpClient() = default;

Task<Result<HttpClientResponse>> HttpClient::send(HttpClientRequest request) {
  return state_->send(std::move(request));
}
std::size_t HttpClient::idle_connections() const noexcept { return state_->idle_connections(); }

}  // namespace gatehouse::hosting
