#include "apps/gatehouse/admin_client.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <vector>

namespace gatehouse::program {
namespace {

namespace beast = boost::beast;
using Local = boost::asio::local::stream_protocol;

std::string socket_of(const AdminOptions& options) {
  if (!options.socket.empty()) return options.socket;
  const char* named = std::getenv("GATEHOUSE_ADMIN_SOCKET");  // NOLINT(concurrency-mt-unsafe): one thread
  return named && *named ? named : "/run/gatehouse/admin.sock";
}

// Passwords go there: a socket that somebody else could have put in its place gets none.
void check_place(const std::string& socket_path) {
  struct stat socket{};
  struct stat folder{};
  const std::string parent = std::filesystem::absolute(socket_path).parent_path();
  if (::stat(socket_path.c_str(), &socket) != 0 || ::stat(parent.c_str(), &folder) != 0) return;
  const bool is_shared = (folder.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  if (!is_shared || socket.st_uid == 0 || socket.st_uid == ::geteuid()) return;
  throw Stop(
      misused,
      fmt::format("{} is in a folder that others may write to, and is neither yours nor root's: it may "
                  "be anybody's; let the issuer listen in a folder of its own",
                  socket_path));
}

beast::http::response<beast::http::string_body> exchange(const std::string& socket_path,
                                                         std::string_view method, const std::string& target,
                                                         const std::string& body) {
  boost::asio::io_context context;
  Local::socket socket(context);
  socket.connect(Local::endpoint(socket_path));
  beast::http::request<beast::http::string_body> request;
  request.method_string(method);
  request.target(target);
  request.version(11);
  request.set(beast::http::field::host, "admin");
  request.set(beast::http::field::connection, "close");
  request.body() = body;
  request.prepare_payload();
  beast::http::write(socket, request);
  beast::flat_buffer buffer;
  beast::http::response<beast::http::string_body> response;
  beast::http::read(socket, buffer, response);
  return response;
}

[[noreturn]] void refuse(unsigned status, const std::string& body) {
  json::Parser parser;
  const auto read = parser.parse(body);
  const auto detail = read ? read->find_string("detail") : std::nullopt;
  const ExitCode code = status >= 500 || status == 429 ? undecided : status == 400 ? misused : no;
  throw Stop(code, printable(detail ? std::string(*detail) : fmt::format("the issuer answers {}", status)));
}

std::string text_of(const json::Value& value) {
  if (value.is_string()) return std::string(value.as_string());
  if (!value.is_array()) return value.dump();
  std::string joined;
  for (const json::Value element : value) joined += (joined.empty() ? "" : " ") + text_of(element);
  return joined;
}

std::string lines_of(const json::Value& object) {
  std::size_t width = 0;
  for (auto at = object.begin(); at != object.end(); ++at) width = std::max(width, at.name().size());
  std::string text;
  for (auto at = object.begin(); at != object.end(); ++at)
    text += fmt::format("{:<{}}  {}\n", at.name(), width, printable(text_of(*at)));
  return text;
}

// A column for each name that any of the rows has.
std::string columns_of(const json::Value& rows) {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> cells;
  for (const json::Value row : rows) {
    if (!row.is_object()) return text_of(rows) + '\n';
    for (auto at = row.begin(); at != row.end(); ++at)
      if (std::ranges::find(names, at.name()) == names.end()) names.emplace_back(at.name());
  }
  cells.push_back(names);
  for (const json::Value row : rows) {
    std::vector<std::string>& line = cells.emplace_back();
    for (const std::string& name : names) {
      const auto value = row.find(name);
      line.push_back(value ? printable(text_of(*value)) : "");
    }
  }
  std::string text;
  for (const auto& line : cells) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      std::size_t width = 0;
      for (const auto& other : cells) width = std::max(width, other[i].size());
      text += i + 1 < names.size() ? fmt::format("{:<{}}  ", line[i], width) : line[i];
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

}  // namespace

void add_admin_options(CLI::App& command, AdminOptions& options) {
  command.add_option("--socket", options.socket,
                     "of the issuer; else $GATEHOUSE_ADMIN_SOCKET, or /run/gatehouse/admin.sock");
  command.add_flag("--json", options.as_json, "the answer as data");
}

CLI::App& add_admin_command(Commands& commands, CLI::App& to, AdminOptions& options, const std::string& name,
                            const std::string& what, Commands::Run run) {
  CLI::App& command = commands.add(to, name, what, std::move(run));
  add_admin_options(command, options);
  return command;
}

std::string ask_issuer(const AdminOptions& options, std::string_view method, const std::string& target,
                       const std::string& body) {
  const std::string path = socket_of(options);
  check_place(path);
  std::optional<beast::http::response<beast::http::string_body>> response;
  try {
    response = exchange(path, method, target, body);
  } catch (const boost::system::system_error& error) {
    throw Stop(undecided,
               fmt::format("no issuer answers at {}: {}; it runs with gatehouse serve, and --socket says "
                           "where it listens",
                           path, error.code().message()));
  }
  const unsigned status = response->result_int();
  if (status >= 300) refuse(status, response->body());
  return std::move(response->body());
}

ExitCode show_answer(const AdminOptions& options, std::string_view method, const std::string& target,
                     const std::string& body) {
  const std::string answer = ask_issuer(options, method, target, body);
  print(options.as_json ? printable(answer) + '\n' : to_table(answer));
  return yes;
}

// {"users":[…]} is its list.
std::string to_table(std::string_view json) {
  json::Parser parser;
  const auto root = parser.parse(json);
  if (!root || !root->is_object()) return std::string(json) + '\n';
  const auto first = root->begin();
  const bool is_list = root->size() == 1 && (*first).is_array();
  if (is_list && (*first).size() == 0) return fmt::format("no {}\n", first.name());
  return is_list ? columns_of(*first) : lines_of(*root);
}

void write_list(json::Writer& writer, std::string_view name, const std::vector<std::string>& values) {
  if (values.empty()) return;
  writer.name(name).begin_array();
  for (const std::string& value : values) writer.value(value);
  writer.end_array();
}

}  // namespace gatehouse::program
