/// SocketServer — endpoints on a Unix socket, on threads of their own, for as long as it lives.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/result.h"
#include "gatehouse/http/endpoint.h"

namespace gatehouse::hosting {

class SocketServer {
 public:
  /// Listens at `path`; only this user may connect, and the folder has to be there. Fails as Server::bind.
  static Result<std::unique_ptr<SocketServer>> start(const std::string& path,
                                                     std::vector<http::Endpoint> endpoints,
                                                     const Clock& clock);
  ~SocketServer();  ///< finishes the requests that are being worked on
  SocketServer(const SocketServer&) = delete;
  SocketServer& operator=(const SocketServer&) = delete;

 private:
  struct State;
  explicit SocketServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace gatehouse::hosting
