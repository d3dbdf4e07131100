#include "gatehouse/hosting/socket_server.h"

#include <thread>
#include <utility>

#include "gatehouse/hosting/server.h"
#include "gatehouse/http/routing.h"

namespace gatehouse::hosting {

struct SocketServer::State {
  State(const std::string& path, const Clock& clock)
      : server({.addresses = {{.socket = path}}, .reactors = 1}, pipeline, services, clock) {}

  http::RouteTable table;
  http::Pipeline pipeline;
  http::ServiceCollection services;
  Server server;
  std::thread thread;
};

SocketServer::SocketServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

SocketServer::~SocketServer() {
  state_->server.stop();
  state_->thread.join();
}

Result<std::unique_ptr<SocketServer>> SocketServer::start(const std::string& path,
                                                          std::vector<http::Endpoint> endpoints,
                                                          const Clock& clock) {
  auto state = std::make_unique<State>(path, clock);
  for (http::Endpoint& endpoint : endpoints)
    state->table.add(endpoint.method, endpoint.pattern, std::move(endpoint.handler));
  GH_CHECK(state->table.check());
  state->pipeline.use(http::use_routing(state->table));
  state->pipeline.use(http::run_endpoint);
  GH_CHECK(state->server.bind());
  state->thread = std::thread([&server = state->server] { server.run(); });
  return std::unique_ptr<SocketServer>(new SocketServer(std::move(state)));
}

}  // namespace gatehouse::hosting
