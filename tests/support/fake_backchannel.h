/// FakeBackchannel — an authority without a network: what it answers, and the time, are the test's.
#pragma once

#include <algorithm>
#include <coroutine>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/discovery/backchannel.h"
#include "gatehouse/testing/fake_clock.h"

namespace gatehouse::test_support {

/// One thread only. Documents are answered at once, unless `holds` is set: then each fetch waits for
/// release().
class FakeBackchannel final : public discovery::Backchannel {
 public:
  explicit FakeBackchannel(testing::FakeClock& clock) : clock_(clock) {}

  std::map<std::string, discovery::DocumentResponse> documents;  ///< by URL; anything else answers 404
  bool is_down = false;                                          ///< every fetch fails
  bool holds = false;
  std::vector<std::string> fetched;                  ///< the URLs, in order
  std::vector<discovery::DocumentRequest> requests;  ///< the same, whole

  /// `issuer` has a document, and these keys at /jwks.
  void publish(const std::string& issuer, std::string key_set, std::string etag = {}) {
    documents[issuer + "/.well-known/openid-configuration"] = {
        .status = 200, .body = R"({"issuer":")" + issuer + R"(","jwks_uri":")" + issuer + R"(/jwks"})"};
    documents[issuer + "/jwks"] = {.status = 200, .body = std::move(key_set), .etag = std::move(etag)};
  }

  Task<Result<discovery::DocumentResponse>> fetch(discovery::DocumentRequest request) override {
    fetched.push_back(request.url.text());
    requests.push_back(request);
    Held held(*this);
    co_await held;
    if (is_down) co_return fail(Failure::unavailable, "cannot connect");
    const auto found = documents.find(request.url.text());
    if (found == documents.end()) co_return discovery::DocumentResponse{.status = 404};
    discovery::DocumentResponse answer = found->second;
    if (!answer.etag.empty() && answer.etag == request.etag) answer = {.status = 304, .etag = answer.etag};
    co_return answer;
  }

  void post_after(std::chrono::milliseconds delay, std::move_only_function<void()> work) override {
    if (delay == delay.zero()) return work();
    timers_.emplace(clock_.now() + delay, std::move(work));
  }

  /// Lets the fetches go on that are waiting now.
  void release() {
    const auto waiting = std::exchange(waiting_, {});
    for (const std::coroutine_handle<> one : waiting) one.resume();
  }
  std::size_t held() const noexcept { return waiting_.size(); }

  /// Time goes on, and whatever falls due happens at its own instant.
  void advance(std::chrono::milliseconds by) {
    const Instant end = clock_.now() + by;
    while (!timers_.empty() && timers_.begin()->first <= end) {
      auto timer = timers_.extract(timers_.begin());
      clock_.set(std::max(clock_.now(), timer.key()));
      timer.mapped()();
    }
    clock_.set(end);
  }

 private:
  struct Held {
    explicit Held(FakeBackchannel& backchannel) : owner(backchannel) {}
    FakeBackchannel& owner;
    bool await_ready() const noexcept { return !owner.holds; }
    void await_suspend(std::coroutine_handle<> caller) const { owner.waiting_.push_back(caller); }
    void await_resume() const noexcept {}
  };

  testing::FakeClock& clock_;
  std::multimap<Instant, std::move_only_function<void()>> timers_;
  std::deque<std::coroutine_handle<>> waiting_;
};

}  // namespace gatehouse::test_support
