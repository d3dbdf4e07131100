#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <thread>

#include "gatehouse/adapters/beast.h"
#include "tests/hosts/foreign_host.h"

namespace gatehouse {
namespace {

namespace http_types = boost::beast::http;
using boost::asio::ip::tcp;
using Request = http_types::request<http_types::string_body>;
using Response = http_types::response<http_types::string_body>;

// One connection at a time, as a beginner's server has it.
class BeastHost final : public ForeignHost {
 public:
  explicit BeastHost(Guard guard)
      : guard_(std::move(guard)),
        acceptor_(context_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
        port_(acceptor_.local_endpoint().port()),
        thread_([this] { serve(); }) {}

  ~BeastHost() override {
    stopping_ = true;
    tcp::socket last(context_);  // wakes accept()
    boost::system::error_code ignored;
    last.connect(tcp::endpoint(boost::asio::ip::address_v4::loopback(), port_), ignored);
    thread_.join();
  }

  std::uint16_t port() const override { return port_; }

 private:
  void serve() {
    for (;;) {
      boost::system::error_code error;
      tcp::socket socket(context_);
      acceptor_.accept(socket, error);
      if (stopping_) return;
      boost::beast::flat_buffer buffer;
      Request request;
      http_types::read(socket, buffer, request, error);
      if (error) continue;
      http_types::write(socket, answer(request), error);
      socket.shutdown(tcp::socket::shutdown_send, error);
    }
  }

  Response answer(const Request& request) const {
    const Verdict verdict = beast::check(guard_, request);
    if (!verdict.allowed()) return beast::refuse<Response>(verdict, request);
    Response response(http_types::status::ok, request.version());
    beast::add_headers(verdict, response);
    response.prepare_payload();
    return response;
  }

  Guard guard_;
  boost::asio::io_context context_;
  tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<ForeignHost> start_beast(Guard guard) {
  return std::make_unique<BeastHost>(std::move(guard));
}

}  // namespace gatehouse
