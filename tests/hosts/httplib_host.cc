#include <httplib.h>

#include <thread>

#include "gatehouse/adapters/httplib.h"
#include "tests/hosts/foreign_host.h"

namespace gatehouse {
namespace {

class HttplibHost final : public ForeignHost {
 public:
  explicit HttplibHost(Guard guard) : guard_(std::move(guard)) {
    const auto handler = guard_.protect([](const auto&, auto& response, const ClaimsPrincipal&) {
      response.set_content("reached", "text/plain");
    });
    server_.Get(".*", handler);  // and HEAD
    server_.Post(".*", handler);
    server_.Put(".*", handler);
    server_.Delete(".*", handler);
    server_.Options(".*", handler);
    port_ = static_cast<std::uint16_t>(server_.bind_to_any_port("127.0.0.1"));
    thread_ = std::thread([this] { server_.listen_after_bind(); });
  }
  ~HttplibHost() override {
    // stop() of a server whose thread has not come to its loop yet is lost.
    while (!server_.is_running()) std::this_thread::yield();
    server_.stop();
    thread_.join();
  }

  std::uint16_t port() const override { return port_; }

 private:
  HttplibGuard guard_;
  httplib::Server server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<ForeignHost> start_httplib(Guard guard) {
  return std::make_unique<HttplibHost>(std::move(guard));
}

}  // namespace gatehouse
