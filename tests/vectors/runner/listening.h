/// Listening — an application on a port of its own, for as long as one case takes, and what it answers.
#pragma once

#include <string>
#include <string_view>
#include <thread>

#include "gatehouse/hosting/server.h"
#include "gatehouse/hosting/web_application.h"

namespace gatehouse::vectors {

struct Answer {
  int status = 0;
  std::string head;
  std::string body;

  std::string header(std::string_view name) const;  ///< the first of that name; empty when there is none
};

Answer parse_answer(const std::string& octets);

class Listening {
 public:
  Listening(hosting::WebApplication& app, const Clock& clock);
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;
  ~Listening();

  int send(const std::string& octets) const;   ///< on a new connection, which it returns
  static std::string receive(int connection);  ///< all that comes until it is closed
  std::string ask(const std::string& octets) const { return receive(send(octets)); }

 private:
  hosting::Server server_;
  std::thread thread_;
};

}  // namespace gatehouse::vectors
