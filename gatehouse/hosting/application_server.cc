#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "gatehouse/diagnostics/request_log.h"
#include "gatehouse/hosting/development_certificate.h"
#include "gatehouse/hosting/development_secrets.h"
#include "gatehouse/hosting/server.h"
#include "gatehouse/hosting/socket_server.h"
#include "gatehouse/hosting/web_application_state.h"

namespace gatehouse::hosting {
namespace {

using configuration::ConfigurationError;
using configuration::Fault;

[[noreturn]] void stop_start(const Error& error) {
  throw ConfigurationError({Fault{.where = "", .message = error.subject}});
}

// A certificate for this machine alone, so that HTTPS works from the first start.
void use_development_certificate(const std::string& name, ListenSettings& listen, Instant now) {
  const auto folder = development_state_directory(name);
  if (!folder) stop_start(folder.error());
  const auto certificate = ensure_development_certificate(*folder, now);
  if (!certificate) stop_start(certificate.error());
  listen.certificate_file = certificate->certificate_file;
  listen.key_file = certificate->key_file;
  fmt::print(stderr, "{}", certificate->how_to_trust);
}

int https_port_of(const std::vector<ListenAddress>& addresses) {
  const auto found = std::ranges::find(addresses, true, &ListenAddress::tls);
  return found == addresses.end() ? 0 : found->port;
}

}  // namespace

std::vector<std::unique_ptr<RecurringTask>> WebApplication::State::begin_recurring() const {
  std::vector<std::unique_ptr<RecurringTask>> running;
  for (const Recurring& one : recurring)
    running.push_back(std::make_unique<RecurringTask>(one.every, one.make, [this, &one](const Error& error) {
      log->warning(one.name, {{"code", code(error.kind)}, {"why", error.subject}});
    }));
  return running;
}

int WebApplication::run() {
  State& state = *state_;
  state.prepare(state.listen_faults);
  configuration::Faults missing;
  state.watch->wait_for_keys(state.authentication->authorities(), *state.clock, missing);
  missing.throw_if_any();
  if (state.listen.uses_tls() && state.listen.certificate_file.empty())
    use_development_certificate(state.name, state.listen, state.clock->now());

  const diagnostics::Log& log = *state.log;
  ServerOptions options{.addresses = state.listen.addresses,
                        .certificate_file = state.listen.certificate_file,
                        .key_file = state.listen.key_file,
                        .handle_signals = true};
  options.on_rejected = [&log](const RejectedRequest& rejected) {
    log.warning("request_rejected", {{"status", std::int64_t{rejected.status}},
                                     {"code", rejected.code},
                                     {"remote_address", rejected.remote_address}});
  };
  Server server(std::move(options), state.pipeline, *state.services, *state.clock);
  if (const auto bound = server.bind(); !bound) stop_start(bound.error());
  std::unique_ptr<SocketServer> admin;
  if (!state.admin_socket.empty()) {
    auto begun = SocketServer::start(state.admin_socket, state.admin_endpoints, *state.clock);
    if (!begun) stop_start(begun.error());
    admin = *std::move(begun);
  }
  state.https_port = https_port_of(server.addresses());
  for (const ListenAddress& address : server.addresses()) fmt::print("listening on {}\n", to_url(address));
  if (admin) fmt::print("operators at unix:{}\n", state.admin_socket);
  std::fflush(stdout);

  const auto started = std::chrono::steady_clock::now();
  {
    const auto running = state.begin_recurring();
    server.run();
  }
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - started);
  const ServerStatistics statistics = server.statistics();
  fmt::print("stopped after {} s: {} requests, {} dropped\n", seconds.count(), statistics.requests_served,
             statistics.requests_dropped);
  log.flush();
  return 0;
}

}  // namespace gatehouse::hosting
