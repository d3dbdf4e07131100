// A server that keys are fetched from, which has served a good set and then does what it should not. Real
// sockets, real TLS, the real client; the server takes its turns while the client has a thread of its own.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <mutex>

#include "gatehouse/hosting/backchannel.h"
#include "gatehouse/hosting/http_client_test_support.h"
#include "gatehouse/testing/fake_clock.h"
#include "tests/vectors/runner/asking.h"
#include "tests/vectors/runner/cases.h"
#include "tests/vectors/runner/jose_reading.h"

namespace gatehouse::vectors {
namespace {

using hosting::Answer;
using hosting::TestSubject;

class Documents final : public discovery::Backchannel {
 public:
  explicit Documents(hosting::Backchannel& channel) : channel_(channel) {}

  Task<Result<discovery::DocumentResponse>> fetch(discovery::DocumentRequest request) override {
    hosting::HttpClientRequest asked{.url = std::move(request.url), .public_addresses_only = is_public_only};
    auto response = co_await channel_.send(std::move(asked));
    if (!response) co_return std::unexpected(std::move(response).error());
    co_return discovery::DocumentResponse{
        .status = response->status,
        .body = std::move(response->body),
        .cache_control = std::string(response->headers.find("Cache-Control").value_or(""))};
  }

  void post_after(std::chrono::milliseconds delay, std::move_only_function<void()> work) override {
    if (delay == delay.zero()) channel_.post_after(delay, std::move(work));  // nothing happens by itself
  }

  std::atomic<bool> is_public_only = false;

 private:
  hosting::Backchannel& channel_;  // the last manager may go on its thread, which cannot wait for itself
};

std::string response(std::string_view head, std::string_view body) {
  return fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\n\r\n{}", head, body.size(), body);
}

struct Origin {
  Origin() { good_set(); }

  std::string url(std::string_view path) const {
    return fmt::format("https://issuer.test:{}{}", server.port(), path);
  }

  void document() { server.answer(response("200 OK", document_of(url(""), url("/jwks")))); }
  void good_set() {
    document();
    server.answer(response("200 OK", set_of({good_key()})));
  }

  // What the server shows from the next connection on.
  void show(const TestSubject& subject, bool is_self_signed = false) {
    const auto shown = authority.serve(subject, is_self_signed);
    SSL_CTX_use_certificate(tls, SSL_CTX_get0_certificate(shown.get()));
    SSL_CTX_use_PrivateKey(tls, SSL_CTX_get0_privatekey(shown.get()));
  }

  // Lets the server take its turns until `is_over()`; false when that takes for ever.
  template <class IsOver>
  bool take_turns(IsOver is_over) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!is_over()) {
      if (std::chrono::steady_clock::now() > end) return false;
      server.step();
      std::this_thread::yield();
    }
    return true;
  }

  Result<void> refresh() {
    const auto promise = std::make_shared<std::promise<Result<void>>>();
    auto fetched = promise->get_future();
    start(asking.manager().refresh(), [promise](Result<void>&& got) { promise->set_value(std::move(got)); });
    const bool is_over =
        take_turns([&] { return fetched.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
    if (!is_over) throw std::runtime_error("the fetch does not end");
    return fetched.get();
  }

  std::uint64_t fetches() const { return asking.manager().status(clock->now()).fetches; }

  // Names that were looked up but for its own.
  std::vector<std::string> strangers() {
    const std::lock_guard lock(mutex);
    return looked_up;
  }

  std::mutex mutex;
  std::vector<std::string> looked_up;
  std::shared_ptr<testing::FakeClock> clock = std::make_shared<testing::FakeClock>();
  hosting::TestAuthority authority;
  SSL_CTX* tls = nullptr;
  hosting::ScriptedServer server{[this] {
    auto made = authority.serve({});
    tls = made.get();
    return made;
  }()};
  std::unique_ptr<hosting::Backchannel> channel =
      hosting::Backchannel::make(
          *clock, {.ca_file = authority.file(),
                   .maximum_idle_connections = 0,
                   .proxy = {},
                   .resolve = [this](const std::string& host) -> Result<std::vector<IpAddress>> {
                     if (host == "issuer.test") return std::vector{*IpAddress::parse("127.0.0.1")};
                     const std::lock_guard lock(mutex);
                     looked_up.push_back(host);
                     return fail(Failure::unavailable, "no such name");
                   }})
          .value();
  std::shared_ptr<Documents> documents = std::make_shared<Documents>(*channel);
  Asking asking{{.authority = url(""), .try_oauth_metadata = false}, documents, clock};
};

// The key set that the server would like to be believed, told with these first lines.
std::string other_set(std::string_view head) { return response(head, set_of({good_key(), other_key()})); }

void redirect(Origin& origin, std::string_view to) {
  origin.document();
  origin.server.answer(other_set(fmt::format("302 Found\r\nLocation: {}", to)));
}

void cut(Origin& origin, Answer::Then end) {
  const std::string whole = other_set("200 OK");
  origin.document();
  origin.server.answer({.pieces = {whole.substr(0, whole.size() - 1)}, .then = end});
}

struct Behaviour {
  std::string_view name;  // `behaviour` of the case
  void (*begin)(Origin& origin);
  bool is_taken = false;  // the set that comes so counts: nothing is wrong with it
};

const std::array behaviours = {
    Behaviour{"302 to http",
              [](Origin& o) { redirect(o, fmt::format("http://issuer.test:{}/jwks", o.server.port())); }},
    Behaviour{"302 to https://attacker.example/jwks",
              [](Origin& o) { redirect(o, "https://attacker.example/jwks"); }},
    Behaviour{"302 to http://169.254.169.254/", [](Origin& o) { redirect(o, "http://169.254.169.254/"); }},
    Behaviour{"endless redirects",
              [](Origin& o) {
                for (int i = 0; i < 20; ++i) redirect(o, o.url("/jwks"));
              }},
    Behaviour{"endless body",
              [](Origin& o) {
                o.document();
                o.server.answer({.pieces = {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                                            "4000\r\n" + std::string(0x4000, ' ') + "\r\n"},
                                 .then = Answer::Then::repeats});
              }},
    Behaviour{"Content-Encoding: gzip inflating to 1 GiB",
              [](Origin& o) {
                o.document();
                o.server.answer(other_set("200 OK\r\nContent-Encoding: gzip"));
              }},
    Behaviour{"500 with a valid key set as body",
              [](Origin& o) {
                o.document();
                o.server.answer(other_set("500 Internal Server Error"));
              }},
    Behaviour{"204",
              [](Origin& o) {
                o.document();
                o.server.answer("HTTP/1.1 204 No Content\r\n\r\n");
              }},
    Behaviour{"Content-Length larger than the body", [](Origin& o) { cut(o, Answer::Then::closes); }},
    Behaviour{"reset in mid body", [](Origin& o) { cut(o, Answer::Then::resets); }},
    Behaviour{"certificate for another host",
              [](Origin& o) {
                o.show({.names = "DNS:attacker.test"});
                o.good_set();
              }},
    Behaviour{"expired certificate",
              [](Origin& o) {
                o.show({.begins = std::chrono::hours(-48), .ends = std::chrono::hours(-1)});
                o.good_set();
              }},
    Behaviour{"self-signed certificate",
              [](Origin& o) {
                o.show({}, true);
                o.good_set();
              }},
    // No public address leads here: the first look-up, which the rule let pass, is the one of the good set.
    Behaviour{"name answers a public address, then 127.0.0.1",
              [](Origin& o) {
                o.documents->is_public_only = true;
                o.good_set();
              }},
    Behaviour{"Cache-Control: max-age=31536000",
              [](Origin& o) {
                o.document();
                o.server.answer(other_set("200 OK\r\nCache-Control: max-age=31536000"));
              },
              true},
    // Choice (docs/security/choices.md): what a document is decides what is in it.
    Behaviour{"text/html with JSON body",
              [](Origin& o) {
                o.document();
                o.server.answer(other_set("200 OK\r\nContent-Type: text/html"));
              },
              true},
};

// However long the server says that a set holds, it is asked again after our own interval.
void judge_age(Origin& origin, Differences& differences) {
  const auto interval = origin.asking.manager().options().refresh.automatic_refresh_interval;
  const std::uint64_t before = origin.fetches();
  origin.good_set();
  origin.clock->advance(interval);
  origin.asking.manager().refresh_if_due(origin.clock->now());
  if (!origin.take_turns([&] { return origin.fetches() > before; }))
    differences.push_back("it is not asked again");
}

}  // namespace

Differences judge_origin(const Json& attack) {
  const Json& expect = attack.at("expect");
  const std::string name = attack.at("input").at("behaviour");
  const auto found = std::ranges::find(behaviours, name, &Behaviour::name);
  if (found == behaviours.end()) throw NotDriven("http-origin-behaviour: " + name);
  Origin origin;
  Differences differences;
  if (const auto first = origin.refresh(); !first) return {describe(first.error())};

  found->begin(origin);
  const std::size_t requests = origin.server.requests.size();
  const auto begin = std::chrono::steady_clock::now();
  const auto fetched = origin.refresh();
  const auto spent = std::chrono::steady_clock::now() - begin;

  judge_time(expect, std::chrono::duration<double, std::milli>(spent).count(), differences);
  if (!found->is_taken)
    judge_verdict({{"outcome", "reject"}, {"failure", expect.at("failure")}}, fetched, differences);
  if (found->is_taken && !fetched) differences.push_back(refusal(fetched));
  if (!origin.asking.accepts(good_key())) differences.push_back("the last good set was LOST");
  if (origin.asking.accepts(other_key()) != found->is_taken)
    differences.push_back("the new set counts, or does not, against the choice");
  if (origin.server.requests.size() > requests + 2)
    differences.push_back(fmt::format("{} requests", origin.server.requests.size() - requests));
  for (const std::string& host : origin.strangers()) differences.push_back("LOOKED UP " + host);
  if (found->is_taken) judge_age(origin, differences);
  return differences;
}

}  // namespace gatehouse::vectors
