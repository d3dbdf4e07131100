/// Backchannel — one thread that fetches documents of other servers, for whoever needs them on any thread.
///
/// What refreshes metadata and keys hangs on it, apart from the reactors that serve requests: a slow
/// authority costs no request anything.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"
#include "gatehouse/discovery/backchannel.h"
#include "gatehouse/hosting/http_client.h"

namespace gatehouse::hosting {

class Backchannel {
 public:
  /// The thread starts with the first use. Fails as HttpClient::make.
  static Result<std::unique_ptr<Backchannel>> make(const Clock& clock, HttpClientOptions options);

  /// Ends with unavailable what is under way, throws away what post_after() holds, and waits for the thread.
  /// Not on that thread; nobody may begin to use it meanwhile, but for those who go on on that thread.
  ~Backchannel();
  Backchannel(const Backchannel&) = delete;
  Backchannel& operator=(const Backchannel&) = delete;

  /// HttpClient::send() from any thread. Who awaits it goes on on the executor that it came from, which has
  /// to live until then, or on the backchannel's thread when it came from none.
  Task<Result<HttpClientResponse>> send(HttpClientRequest request);

  /// Runs `work`, which must not wait and must not throw, on the backchannel's thread: after `delay`, and at
  /// most 200 milliseconds more. From any thread.
  void post_after(std::chrono::milliseconds delay, std::move_only_function<void()> work);

  /// For whoever asks authorities: a fetch is a send() for one document, within its timeout. May be kept
  /// longer than this; then every fetch fails with unavailable.
  std::shared_ptr<discovery::Backchannel> lend() const;

 private:
  class State;
  class Lent;
  explicit Backchannel(std::shared_ptr<State> state) noexcept;

  std::shared_ptr<State> state_;  // its thread ends with this, it itself with the last to whom it was lent
};

}  // namespace gatehouse::hosting
